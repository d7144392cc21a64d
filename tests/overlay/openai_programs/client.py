from openai import OpenAI

with OpenAI(organization="org-1", project="proj-1", default_headers={"X-App": "test"}) as client:
    print(client.organization, client.project, client.default_headers["X-App"], str(client.base_url)[-4:])
    copy = client.copy(default_headers={"X-Other": "test"}, max_retries=1)
    print(copy.default_headers["X-App"], copy.default_headers["X-Other"], copy.max_retries, copy.organization)
    print(type(copy.models.list().data).__name__, client.is_closed())
print(client.is_closed())
