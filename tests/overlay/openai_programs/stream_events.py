from openai import OpenAI
from openai.lib.streaming.chat import ChatCompletionStream, ContentDeltaEvent
from openai.types.chat import ParsedChatCompletion

client = OpenAI()
response_format = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    },
}
with client.chat.completions.stream(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Is snow cold? Answer as JSON."}],
    response_format=response_format,
    temperature=0,
) as stream:
    kinds, text = [], ""
    for event in stream:
        if event.type not in kinds:
            kinds.append(event.type)
        if event.type == "chunk":
            assert event.snapshot.choices[0].message.role == "assistant"
        elif event.type == "content.delta":
            assert isinstance(event, ContentDeltaEvent)
            text += event.delta
            assert event.snapshot == text
        elif event.type == "content.done":
            print(event.content == text, event.parsed)
print(isinstance(stream, ChatCompletionStream), kinds)
completion = stream.get_final_completion()
print(isinstance(completion, ParsedChatCompletion), completion.choices[0].message.content == text)
print(completion.choices[0].finish_reason, completion.choices[0].message.parsed)
