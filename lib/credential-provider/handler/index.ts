import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { answer } from './answer.ts';
import { awsCalls } from './aws-calls.ts';
import { run } from './run.ts';

const calls = awsCalls();

/** Entry of the Lambda function behind `Custom::ApiKeyCredentialProvider`. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const response = await run(event, calls, (entry) => console.log(JSON.stringify(entry)));
  await answer(event.ResponseURL, response);
}
