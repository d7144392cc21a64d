"""Servers of other projects under the contract tester, unmodified: is each finding about them right?"""
