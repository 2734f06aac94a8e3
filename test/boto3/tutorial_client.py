"""The tutorial's own client, boto3, against the AWS of `npm start -- --stay`.

Run by `npm run test:boto3`; needs Python 3 with boto3, and no AWS account.
"""

import json
import os
import re
import signal
import subprocess
import sys
import uuid

import boto3
from botocore.exceptions import ClientError

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def start():
    """Starts `npm start -- --stay` and returns it with what it prints of itself."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OPENAI_"))}
    process = subprocess.Popen(
        ["node", "cli/main.js", "start", "--stay"], cwd=FOLDER, env=environment, stdout=subprocess.PIPE, text=True
    )
    found = {}
    for line in process.stdout:
        match = re.match(r"(AWS endpoint|Runtime ARN): (.+)", line)
        if match:
            found[match[1]] = match[2]
        if len(found) == 2:
            return process, found["AWS endpoint"], found["Runtime ARN"]
    sys.exit("npm start -- --stay ended before it said where AWS is")


def check(name, condition, seen):
    print(f"{'ok  ' if condition else 'FAIL'} {name}")
    if not condition:
        sys.exit(f"{name}: {seen!r}")


def main():
    process, endpoint, runtime_arn = start()
    try:
        client = dict(
            endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any"
        )
        invoke_agent(boto3.client("bedrock-agentcore", **client), runtime_arn)
        credential_providers(boto3.client("bedrock-agentcore-control", **client))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def invoke_agent(agentcore, runtime_arn):
    def invoke(prompt, **more):
        return agentcore.invoke_agent_runtime(
            agentRuntimeArn=runtime_arn, qualifier="DEFAULT", payload=json.dumps({"prompt": prompt}), **more
        )

    answer = json.loads(invoke("How much is 2X2?", runtimeUserId="user-1")["response"].read().decode("utf-8"))
    check("json.loads of the body", "4" in answer, answer)

    response = invoke("What is the weather now?", runtimeUserId="user-1", accept="text/event-stream")
    check("the event stream's content type", "text/event-stream" in response.get("contentType", ""), response)
    content = []
    for line in response["response"].iter_lines(chunk_size=1):
        if line:
            line = line.decode("utf-8")
            if line.startswith("data: "):
                content.append(json.loads(line[6:]))
    text = [event for event in content if isinstance(event, str)]
    check("the lines of the event stream", len(text) > 1 and "sunny" in "".join(text), content)
    others = [name for event in content if isinstance(event, dict) for name in event]
    check("the other events of the stream", others == ["toolUse", "toolResult", "messageStop"], others)

    session = uuid.uuid4().hex + "-session"
    response = invoke("How much is 2X2?", runtimeUserId="user-1", runtimeSessionId=session)
    check("the session id comes back", response["runtimeSessionId"] == session, response["runtimeSessionId"])

    body = json.loads(invoke("How much is 2X2?")["response"].read())
    check("without a user id: what to pass", "runtimeUserId" in body["error"]["message"], body)


def credential_providers(control):
    created = control.create_api_key_credential_provider(name="tutorial-provider", apiKey="sk-offline-tutorial")
    check("create_api_key_credential_provider", created["name"] == "tutorial-provider", created)
    got = control.get_api_key_credential_provider(name="tutorial-provider")
    check("get_api_key_credential_provider", got["credentialProviderArn"] == created["credentialProviderArn"], got)
    check("and never the key", "sk-offline-tutorial" not in json.dumps(got, default=str), got)
    try:
        control.create_api_key_credential_provider(name="tutorial-provider", apiKey="sk-offline-tutorial")
        check("a taken name is refused", False, "created twice")
    except ClientError as error:
        check("a taken name is refused", "already exists" in str(error), error)
    control.delete_api_key_credential_provider(name="tutorial-provider")
    try:
        control.get_api_key_credential_provider(name="tutorial-provider")
        check("delete_api_key_credential_provider", False, "still there")
    except control.exceptions.ResourceNotFoundException:
        check("delete_api_key_credential_provider", True, None)


main()
