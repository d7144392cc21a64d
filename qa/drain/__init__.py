"""A load of many clients with SIGTERM in the middle: no answer is cut, none is lost, and all counts add up."""
