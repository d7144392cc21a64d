from openai import OpenAI

client = OpenAI()

text, reasons = "", []
for part in client.completions.create(
    model="llama-3.1-8b", prompt="One, two, three,", max_tokens=4, temperature=0, stream=True
):
    text += part.choices[0].text
    reasons.append(part.choices[0].finish_reason)
print(part.object, bool(text), reasons[-1], set(reasons[:-1]))
