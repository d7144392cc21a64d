"""Search by meaning: embeds passages and a question, and prints the passages by their similarity.

python examples/search.py "How do I get my money back?"
"""

from __future__ import annotations

import sys

from polargrid import PolarGridSync

MODEL = "all-minilm-l6-v2"
QUESTION = "How do I get my money back?"
PASSAGES = (
    "Parcels arrive within three days; we send a message with the day.",
    "Return an item within thirty days, and we refund what you paid.",
    "The battery is charged in two hours with the cable in the box.",
    "Our shop in Vancouver is open from Tuesday to Saturday.",
)


def main() -> None:
    question = " ".join(sys.argv[1:]) or QUESTION
    with PolarGridSync(region="local") as client:
        # One request for all texts; each vector has the length 1.
        response = client.embeddings.create(model=MODEL, input=[question, *PASSAGES])
    asked, *vectors = (item.embedding for item in response.data)
    scores = [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in vectors]  # cosine similarity
    print(question)
    for score, passage in sorted(zip(scores, PASSAGES, strict=True), reverse=True):
        print(f"{score:5.2f}  {passage}")


if __name__ == "__main__":
    main()
