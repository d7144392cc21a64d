from openai import NOT_GIVEN, OpenAI, omit

client = OpenAI()

completion = client.chat.completions.create(
    model="llama-3.1-8b",
    messages=[{"role": "user", "content": "Hello", "name": "Anne"}],
    max_tokens=1,
    max_completion_tokens=omit,
    frequency_penalty=0.1,
    presence_penalty=0.1,
    logit_bias={},
    metadata={"page": "7"},
    store=False,
    service_tier="auto",
    reasoning_effort="low",
    verbosity="low",
    modalities=["text"],
    parallel_tool_calls=NOT_GIVEN,
    prediction={"type": "content", "content": "Hello"},
    prompt_cache_key="greeting",
    safety_identifier="user-1",
    tools=omit,
    tool_choice=NOT_GIVEN,
    response_format={"type": "text"},
    top_p=0.9,
    stop=None,
    timeout=50.0,
)
print(completion.choices[0].finish_reason, bool(NOT_GIVEN), bool(omit))
