import { describeError } from '../../cli/user-error.ts';

const named = (name: string, message = 'What AWS says.') => Object.assign(new Error(message), { name });
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
  code: 'ECONNREFUSED',
  address: '127.0.0.1',
  port: 1,
});

test.each([
  [
    'packages that are not installed',
    Object.assign(new Error("Cannot find package 'zod' imported from lib/environments.ts"), {
      code: 'ERR_MODULE_NOT_FOUND',
    }),
    'The packages of the project are not installed: run npm ci.',
  ],
  [
    'no credentials',
    named('CredentialsProviderError', 'Could not load credentials from any providers'),
    'There are no AWS credentials: log in (aws sso login, AWS_PROFILE, …) and try again.',
  ],
  [
    'expired ones',
    named('ExpiredTokenException'),
    'The AWS credentials have expired: log in (aws sso login, AWS_PROFILE, …) and try again.',
  ],
  [
    'unknown ones',
    named('UnrecognizedClientException'),
    'AWS does not know the credentials: log in (aws sso login, AWS_PROFILE, …) and try again.',
  ],
  [
    'no Region',
    new Error('Region is missing'),
    'There is no AWS Region: set "region" of the environment in cdk.json, or AWS_REGION.',
  ],
  [
    'a Region that there is not',
    Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND', hostname: 'sts.eu-moon-1.amazonaws.com' }),
    'sts.eu-moon-1.amazonaws.com has no address: is the Region right, and AWS_ENDPOINT_URL or --endpoint-url?',
  ],
  [
    'nobody at the endpoint',
    refused,
    '127.0.0.1:1 refuses the connection: is the Region right, and AWS_ENDPOINT_URL or --endpoint-url?',
  ],
  [
    'nobody at any of its addresses',
    new AggregateError([refused, refused]),
    '127.0.0.1:1 refuses the connection: is the Region right, and AWS_ENDPOINT_URL or --endpoint-url?',
  ],
  ['anything else that AWS says', named('ValidationException', 'Two\nlines.'), 'ValidationException: Two lines.'],
])('%s: one line that says what to do', (_what, error, line) => {
  expect(describeError(error)).toBe(line);
});
