import {
  BedrockAgentCoreClient,
  GetResourceApiKeyCommand,
  GetWorkloadAccessTokenCommand,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateApiKeyCredentialProviderCommand,
  DeleteApiKeyCredentialProviderCommand,
  GetAgentRuntimeCommand,
  GetTokenVaultCommand,
  ListApiKeyCredentialProvidersCommand,
  SetTokenVaultCMKCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ConditionContext } from '../../local-aws/iam/conditions.ts';
import type { Credentials } from '../../local-aws/iam/iam.ts';
import type { ProofAccount } from './account.ts';
import { bounds, type RoleName, refusals } from './calls.ts';
import { assumeDeployer, assumeDiff, assumeInvoker, assumeWidened, bootstrapRole, environments } from './journey.ts';

/** Something that a role must not be able to do, and what it was told when it tried. */
export interface Refusal {
  readonly role: RoleName;
  readonly what: string;
  /** AWS's own words; undefined where it was let. */
  readonly answer: string | undefined;
}

type Attempt = readonly [what: string, attempt: (actor: Actor) => unknown];

/** Somebody with the credentials of a role. */
interface Actor {
  readonly control: BedrockAgentCoreControlClient;
  readonly data: BedrockAgentCoreClient;
  readonly secrets: SecretsManagerClient;
  readonly cloudFormation: CloudFormationClient;
  readonly sts: STSClient;
  /** A question of a service that local-aws has no API of: KMS, CloudWatch, CloudWatch Logs, SQS. */
  ask(action: string, resource: string, context?: ConditionContext): void;
}

/** Tries, with the credentials of every role, what it must not do. The environments are deployed. */
export async function tryRefusals(account: ProofAccount): Promise<Refusal[]> {
  for (const name of Object.keys(environments)) account.step(name, refusals);
  const known = whatIsThere(account);
  const { aws } = account;
  const [, runtimeOfCopy] = known.runtimes;
  const agent = aws.iam.assumeRoleAsService(
    account.role('Execution role', 'dev'),
    'bedrock-agentcore.amazonaws.com',
    'refusals',
    { 'aws:SourceAccount': aws.account, 'aws:SourceArn': known.runtimes[0].arn },
  );
  const handlerOf = (environment: string) => {
    const { arn } = aws.functions.get(
      account.region,
      account.resource(environment, 'identity', 'AWS::Lambda::Function').physicalId ?? '',
    );
    return aws.iam.assumeRoleAsService(account.role('Handler', environment), 'lambda.amazonaws.com', 'refusals', {
      'aws:SourceAccount': aws.account,
      'aws:SourceArn': arn,
    });
  };
  const { physicalId: ofLogs = '' } = account.resource('dev', 'agent', 'AWS::Lambda::Function');
  const handlerOfLogs = aws.iam.assumeRoleAsService(
    account.role('Log group handler', 'dev'),
    'lambda.amazonaws.com',
    'refusals',
    { 'aws:SourceAccount': aws.account, 'aws:SourceArn': aws.functions.get(account.region, ofLogs).arn },
  );
  const cloudFormation = aws.iam.assumeRoleAsService(
    account.role('CloudFormation', 'dev'),
    'cloudformation.amazonaws.com',
    'refusals',
  );
  // All that either of its roles may not do, but what the other one may.
  const ofOthers = ['list the providers', 'get the key', 'write to the agent’s log'];
  const attemptsWithinBoundary = [
    ...attemptsOfAgent(account, known),
    ...attemptsOfHandler(account, known),
    ...attemptsOfLogGroupHandler(account, known),
  ].filter(([what]) => !ofOthers.includes(what));
  return [
    ...(await all(account, 'Deployer', assumeDeployer(account), attemptsOfDeployer(account, known))),
    ...(await all(account, 'Diff', assumeDiff(account), attemptsOfDiff(account, known))),
    ...(await all(account, 'CloudFormation', cloudFormation, attemptsOfCloudFormation(account, known))),
    ...(await all(account, bounds, assumeWidened(account), attemptsWithinBoundary)),
    ...(await all(account, 'Execution role', agent, attemptsOfAgent(account, known))),
    ...(await all(account, 'Handler', handlerOf('dev'), attemptsOfHandler(account, known))),
    ...(await all(account, 'Handler', handlerOf('copy'), attemptsOnCopies(known))),
    ...(await all(account, 'Log group handler', handlerOfLogs, attemptsOfLogGroupHandler(account, known))),
    ...(await all(account, 'Invoker', assumeInvoker(account, 'dev'), attemptsOfInvoker(account, runtimeOfCopy.arn))),
  ];
}

async function all(
  account: ProofAccount,
  role: RoleName,
  credentials: Credentials,
  attempts: readonly Attempt[],
): Promise<Refusal[]> {
  const settings = { region: account.region, endpoint: account.aws.endpoint, credentials, maxAttempts: 1 };
  const clients = {
    control: new BedrockAgentCoreControlClient(settings),
    data: new BedrockAgentCoreClient(settings),
    secrets: new SecretsManagerClient(settings),
    cloudFormation: new CloudFormationClient(settings),
    sts: new STSClient(settings),
  };
  const actor: Actor = {
    ...clients,
    ask: (action, resource, context) => account.aws.iam.authorize(credentials.principal, action, resource, context),
  };
  const found: Refusal[] = [];
  for (const [what, attempt] of attempts) found.push({ role, what, answer: await answerTo(() => attempt(actor)) });
  for (const client of Object.values(clients)) client.destroy();
  return found;
}

async function answerTo(attempt: () => unknown): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

type Known = ReturnType<typeof whatIsThere>;

/** What there is in the account beside what is the role's own. */
function whatIsThere(account: ProofAccount) {
  const { aws, region } = account;
  const runtimeOf = (name: string) =>
    aws.runtimes.find(region, account.resource(name, 'agent', 'AWS::BedrockAgentCore::Runtime').physicalId ?? '');
  const provider = (name: string) => {
    const { attributes, properties } = account.resource(name, 'identity', 'Custom::ApiKeyCredentialProvider');
    const text = (value: unknown) => String(value);
    return {
      name: text(properties.CredentialProviderName),
      arn: text(attributes.CredentialProviderArn),
      secretArn: text(attributes.SecretArn),
      copyArn: text(attributes.ApiKeySecretArn),
    };
  };
  const { administrator } = aws.iam;
  const own = provider('copy');
  const neighbourName = `bedrock-agentcore-identity!default/apikey/${own.name}-2`;
  const similarCopy = aws.secrets.create(administrator, region, {
    name: neighbourName,
    secretString: 'sk-of-a-neighbour',
  });
  const { arn: similarSecret } = aws.secrets.create(administrator, region, {
    name: `${environments.dev.secret}-2`,
    secretString: '{"apiKey":"sk-of-a-neighbour"}',
  });
  return {
    runtimes: [runtimeOf('dev'), runtimeOf('copy')] as const,
    own: provider('dev'),
    ownCopy: own,
    neighbour: provider('second'),
    similarCopyArn: similarCopy.arn,
    similarSecret,
    group: (runtimeId: string) =>
      `arn:aws:logs:${region}:${aws.account}:log-group:/aws/bedrock-agentcore/runtimes/${runtimeId}-DEFAULT`,
  };
}

function attemptsOfAgent(account: ProofAccount, known: Known): Attempt[] {
  const { aws, region } = account;
  const { own, neighbour, runtimes } = known;
  const [runtime, other] = runtimes;
  const tokenOf = (name: string) => aws.workloadIdentities.issueToken(region, name, 'user');
  const getKey = ({ data }: Actor, resourceCredentialProviderName: string, workloadIdentityToken: string) =>
    data.send(new GetResourceApiKeyCommand({ resourceCredentialProviderName, workloadIdentityToken }));
  return [
    [
      'get the key of a neighbour’s provider',
      (actor) => getKey(actor, neighbour.name, tokenOf(runtime.workloadIdentity.name)),
    ],
    [
      'get its own key with the token of another runtime',
      (actor) => getKey(actor, own.name, tokenOf(other.workloadIdentity.name)),
    ],
    [
      'read a neighbour’s secret',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: neighbour.secretArn })),
    ],
    [
      'read the copy of a neighbour’s key',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: neighbour.copyArn })),
    ],
    [
      'change its own secret',
      ({ secrets }) => secrets.send(new PutSecretValueCommand({ SecretId: own.secretArn, SecretString: 'x' })),
    ],
    ['delete its own secret', ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: own.secretArn }))],
    [
      'get a token of another runtime’s identity',
      ({ data }) => data.send(new GetWorkloadAccessTokenCommand({ workloadName: other.workloadIdentity.name })),
    ],
    ['read the settings of the token vault', ({ control }) => control.send(new GetTokenVaultCommand({}))],
    [
      'give the token vault another KMS key',
      ({ control }) =>
        control.send(new SetTokenVaultCMKCommand({ kmsConfiguration: { keyType: 'ServiceManagedKey' } })),
    ],
    [
      'invoke itself',
      ({ data }) =>
        data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn: runtime.arn, payload: Buffer.from('{}') })),
    ],
    ['look at itself', ({ control }) => control.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }))],
    ['list the providers', ({ control }) => control.send(new ListApiKeyCredentialProvidersCommand({}))],
    ['point its own provider somewhere else', ({ control }) => control.send(update(own.name, neighbour.secretArn))],
    [
      'take the role of the handler',
      ({ sts }) =>
        sts.send(new AssumeRoleCommand({ RoleArn: account.role('Handler', 'dev'), RoleSessionName: 'agent' })),
    ],
    ['decrypt with the KMS key by itself', ({ ask }) => ask('kms:Decrypt', environments.dev.encryptionKeyArn)],
    ['write to another runtime’s log', ({ ask }) => ask('logs:PutLogEvents', `${known.group(other.id)}:log-stream:x`)],
    ['make another runtime’s log group', ({ ask }) => ask('logs:CreateLogGroup', known.group(other.id))],
    ['send metrics', ({ ask }) => ask('cloudwatch:PutMetricData', '*')],
    ['read traces', ({ ask }) => ask('xray:BatchGetTraces', '*')],
    [
      'pull another image',
      ({ ask }) => ask('ecr:BatchGetImage', `arn:aws:ecr:${region}:${aws.account}:repository/theirs`),
    ],
  ];
}

function attemptsOfHandler(account: ProofAccount, known: Known): Attempt[] {
  const { aws, region } = account;
  const { own, neighbour, similarSecret, similarCopyArn, runtimes } = known;
  const [{ arn: agentRuntimeArn }] = runtimes;
  return [
    ['update another stack’s provider', ({ control }) => control.send(update(neighbour.name, own.secretArn))],
    [
      'delete another stack’s provider',
      ({ control }) => control.send(new DeleteApiKeyCredentialProviderCommand({ name: neighbour.name })),
    ],
    [
      'tag another stack’s provider',
      ({ control }) => control.send(new TagResourceCommand({ resourceArn: neighbour.arn, tags: { x: 'y' } })),
    ],
    [
      'take tags off another stack’s provider',
      ({ control }) => control.send(new UntagResourceCommand({ resourceArn: neighbour.arn, tagKeys: ['x'] })),
    ],
    [
      'create a provider of another name',
      ({ control }) =>
        control.send(new CreateApiKeyCredentialProviderCommand({ name: `${own.name}-2`, apiKey: 'sk-x' })),
    ],
    ['point its provider to another secret', ({ control }) => control.send(update(own.name, neighbour.secretArn))],
    [
      'read another secret',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: neighbour.secretArn })),
    ],
    [
      'read a secret whose name begins alike',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: similarSecret })),
    ],
    [
      'look at another secret',
      ({ secrets }) => secrets.send(new DescribeSecretCommand({ SecretId: neighbour.secretArn })),
    ],
    [
      'change its own secret',
      ({ secrets }) => secrets.send(new PutSecretValueCommand({ SecretId: own.secretArn, SecretString: 'x' })),
    ],
    ['delete its own secret', ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: own.secretArn }))],
    [
      'delete the copy of a neighbour’s key by itself',
      ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: neighbour.copyArn })),
    ],
    [
      'look at a copy by itself',
      ({ secrets }) => secrets.send(new DescribeSecretCommand({ SecretId: similarCopyArn })),
    ],
    [
      'get the key',
      ({ data }) =>
        data.send(
          new GetResourceApiKeyCommand({
            resourceCredentialProviderName: own.name,
            workloadIdentityToken: aws.workloadIdentities.issueToken(region, runtimes[0].workloadIdentity.name, 'user'),
          }),
        ),
    ],
    ['read the settings of the token vault', ({ control }) => control.send(new GetTokenVaultCommand({}))],
    [
      'give the token vault another KMS key',
      ({ control }) =>
        control.send(new SetTokenVaultCMKCommand({ kmsConfiguration: { keyType: 'ServiceManagedKey' } })),
    ],
    [
      'invoke the agent',
      ({ data }) => data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from('{}') })),
    ],
    [
      'look at another stack',
      ({ cloudFormation }) =>
        cloudFormation.send(new DescribeStacksCommand({ StackName: account.stack('second', 'identity').name })),
    ],
    [
      'take the execution role',
      ({ sts }) =>
        sts.send(new AssumeRoleCommand({ RoleArn: account.role('Execution role', 'dev'), RoleSessionName: 'handler' })),
    ],
    ['decrypt with the KMS key by itself', ({ ask }) => ask('kms:Decrypt', environments.dev.encryptionKeyArn)],
    ['send to another queue', ({ ask }) => ask('sqs:SendMessage', `arn:aws:sqs:${region}:${aws.account}:theirs`)],
    [
      'write to another log',
      ({ ask }) => ask('logs:PutLogEvents', `arn:aws:logs:${region}:${aws.account}:log-group:theirs:log-stream:x`),
    ],
  ];
}

function attemptsOfLogGroupHandler(account: ProofAccount, known: Known): Attempt[] {
  const { aws, region } = account;
  const [own, other] = known.runtimes.map(({ id }) => known.group(id)) as [string, string];
  const asking =
    (action: string, resource: string) =>
    ({ ask }: Actor) =>
      ask(action, resource);
  return [
    ['make another runtime’s log group', asking('logs:CreateLogGroup', other)],
    ['change how long another runtime’s log is kept', asking('logs:PutRetentionPolicy', other)],
    ['take the key off another runtime’s log group', asking('logs:DisassociateKmsKey', other)],
    ['tag another runtime’s log group', asking('logs:TagResource', other)],
    ['delete another runtime’s log group', asking('logs:DeleteLogGroup', other)],
    [
      'delete any other log group',
      asking('logs:DeleteLogGroup', `arn:aws:logs:${region}:${aws.account}:log-group:theirs`),
    ],
    ['read the agent’s log', asking('logs:GetLogEvents', `${own}:log-stream:x`)],
    ['search the agent’s log', asking('logs:FilterLogEvents', own)],
    ['write to the agent’s log', asking('logs:PutLogEvents', `${own}:log-stream:x`)],
    ['send the agent’s log elsewhere', asking('logs:PutSubscriptionFilter', own)],
    [
      'read the secret',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: known.neighbour.secretArn })),
    ],
    [
      'take the execution role',
      ({ sts }) =>
        sts.send(new AssumeRoleCommand({ RoleArn: account.role('Execution role', 'dev'), RoleSessionName: 'logs' })),
    ],
  ];
}

function attemptsOnCopies({ ownCopy, neighbour, similarCopyArn }: Known): Attempt[] {
  return [
    [
      'read the copy of a neighbour’s key',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: neighbour.copyArn })),
    ],
    [
      'read a copy whose name begins alike',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: similarCopyArn })),
    ],
    [
      'change a copy whose name begins alike',
      ({ secrets }) => secrets.send(new PutSecretValueCommand({ SecretId: similarCopyArn, SecretString: 'x' })),
    ],
    [
      'delete its own copy by itself',
      ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: ownCopy.copyArn })),
    ],
  ];
}

function invocation(agentRuntimeArn: string, qualifier?: string): InvokeAgentRuntimeCommand {
  return new InvokeAgentRuntimeCommand({ agentRuntimeArn, qualifier, payload: Buffer.from('{}') });
}

function attemptsOfInvoker(account: ProofAccount, otherRuntime: string): Attempt[] {
  const agentRuntimeArn = account.output('dev', 'agent', 'RuntimeArn');
  return [
    ['ask another agent', ({ data }) => data.send(invocation(otherRuntime))],
    ['ask by another endpoint', ({ data }) => data.send(invocation(agentRuntimeArn, 'canary'))],
    [
      'end somebody’s session',
      ({ data }) => data.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId: 'x'.repeat(33) })),
    ],
    [
      'look at the other stack',
      ({ cloudFormation }) =>
        cloudFormation.send(new DescribeStacksCommand({ StackName: account.stack('dev', 'identity').name })),
    ],
    [
      'delete the stack',
      ({ cloudFormation }) =>
        cloudFormation.send(new DeleteStackCommand({ StackName: account.stack('dev', 'agent').name })),
    ],
    [
      'read the secret',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: environments.dev.secret })),
    ],
  ];
}

function attemptsOfDeployer(account: ProofAccount, known: Known): Attempt[] {
  const take =
    (RoleArn: string) =>
    ({ sts }: Actor) =>
      sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'deployer' }));
  const deploy = bootstrapRole(account, 'deploy');
  return [
    ['take the role that CloudFormation works with', take(bootstrapRole(account, 'cfn-exec'))],
    ['take the deploy role of another Region', take(deploy.replace(account.region, 'eu-central-1'))],
    ['take the deploy role of another bootstrap', take(deploy.replace('hnb659fds', 'theirs'))],
    ['take the execution role', take(account.role('Execution role', 'dev'))],
    ['take the role of the handler', take(account.role('Handler', 'dev'))],
    ['make a role', ({ ask }) => ask('iam:CreateRole', account.aws.iam.roleArn('theirs'))],
    ['change its own policy', ({ ask }) => ask('iam:PutRolePolicy', account.role('Deployer', 'dev'))],
    ['widen the boundary', ({ ask }) => ask('iam:CreatePolicyVersion', account.boundaryArn('dev'))],
    [
      'delete a stack by itself',
      ({ cloudFormation }) =>
        cloudFormation.send(new DeleteStackCommand({ StackName: account.stack('dev', 'agent').name })),
    ],
    [
      'read the secret',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: environments.dev.secret })),
    ],
    ['ask another agent', ({ data }) => data.send(invocation(known.runtimes[1].arn))],
    ['ask by another endpoint', ({ data }) => data.send(invocation(known.runtimes[0].arn, 'canary'))],
    ['look at another agent', ({ ask }) => ask('bedrock-agentcore:GetAgentRuntime', known.runtimes[1].arn)],
    [
      'move the endpoint by itself',
      ({ ask }) => ask('bedrock-agentcore:UpdateAgentRuntimeEndpoint', known.runtimes[0].arn),
    ],
    [
      'look at another credential provider',
      ({ ask }) => ask('bedrock-agentcore:GetApiKeyCredentialProvider', known.neighbour.arn),
    ],
  ];
}

function attemptsOfDiff(account: ProofAccount, known: Known): Attempt[] {
  const take =
    (role: string) =>
    ({ sts }: Actor) =>
      sts.send(new AssumeRoleCommand({ RoleArn: bootstrapRole(account, role), RoleSessionName: 'diff' }));
  return [
    ['take the lookup role', take('lookup')],
    ['take the deploy role', take('deploy')],
    [
      'read the template of another environment',
      ({ cloudFormation }) =>
        cloudFormation.send(new GetTemplateCommand({ StackName: account.stack('copy', 'identity').name })),
    ],
    [
      'delete a stack',
      ({ cloudFormation }) =>
        cloudFormation.send(new DeleteStackCommand({ StackName: account.stack('dev', 'agent').name })),
    ],
    [
      'read the secret',
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: environments.dev.secret })),
    ],
    [
      'ask the agent',
      ({ data }) =>
        data.send(
          new InvokeAgentRuntimeCommand({ agentRuntimeArn: known.runtimes[0].arn, payload: Buffer.from('{}') }),
        ),
    ],
  ];
}

function attemptsOfCloudFormation(account: ProofAccount, known: Known): Attempt[] {
  const { aws, region } = account;
  const { runtimes, neighbour, own } = known;
  const { dev } = environments;
  const boundary = { 'iam:PermissionsBoundary': account.boundaryArn('dev') };
  const role = (name: string, path = '/team/') => aws.iam.roleArn(name, path);
  const ownRole = role('outbound-auth-dev-agent-Role');
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${aws.account}:${resource}`;
  const theirs = 'outbound-auth-copy-identity-Theirs';
  const asking =
    (action: string, resource: string, context?: ConditionContext) =>
    ({ ask }: Actor) =>
      ask(action, resource, context);
  return [
    ['make a role without a boundary', asking('iam:CreateRole', ownRole)],
    [
      'make a role with another boundary',
      asking('iam:CreateRole', ownRole, { 'iam:PermissionsBoundary': account.boundaryArn('copy') }),
    ],
    ['make a role of another name', asking('iam:CreateRole', role('theirs'), boundary)],
    ['make a role at another path', asking('iam:CreateRole', role('outbound-auth-dev-agent-Role', '/'), boundary)],
    ['give permissions to a role without a boundary', asking('iam:PutRolePolicy', ownRole)],
    ['give permissions to another role', asking('iam:PutRolePolicy', role('theirs'), boundary)],
    ['give permissions to itself', asking('iam:PutRolePolicy', account.role('CloudFormation', 'dev'), boundary)],
    ['attach a managed policy', asking('iam:AttachRolePolicy', ownRole, boundary)],
    ['take the boundary off a role', asking('iam:DeleteRolePermissionsBoundary', ownRole, boundary)],
    ['widen the boundary', asking('iam:CreatePolicyVersion', account.boundaryArn('dev'))],
    [
      'make the service-linked role of another service',
      asking(
        'iam:CreateServiceLinkedRole',
        aws.iam.roleArn(
          'AWSServiceRoleForBedrockAgentCoreRuntimeIdentity',
          '/aws-service-role/runtime-identity.bedrock-agentcore.amazonaws.com/',
        ),
        { 'iam:AWSServiceName': 'ec2.amazonaws.com' },
      ),
    ],
    ['make a user', asking('iam:CreateUser', `arn:aws:iam::${aws.account}:user/outbound-auth-dev-x`)],
    ['change whom another role trusts', asking('iam:UpdateAssumeRolePolicy', role('theirs'))],
    ['delete another role', asking('iam:DeleteRole', role(theirs))],
    ['pass a role to EC2', asking('iam:PassRole', ownRole, { 'iam:PassedToService': 'ec2.amazonaws.com' })],
    ['pass another role', asking('iam:PassRole', role('theirs'), { 'iam:PassedToService': 'lambda.amazonaws.com' })],
    ['change another function', asking('lambda:UpdateFunctionCode', arn('lambda', `function:${theirs}`))],
    ['call another function', asking('lambda:InvokeFunction', arn('lambda', `function:${theirs}`))],
    [
      'let anybody call the handler',
      asking('lambda:AddPermission', arn('lambda', 'function:outbound-auth-dev-identity-Handler'), {
        'lambda:Principal': '*',
      }),
    ],
    ['delete another log group', asking('logs:DeleteLogGroup', arn('logs', `log-group:${theirs}`))],
    ['read logs', asking('logs:GetLogEvents', arn('logs', 'log-group:outbound-auth-dev-identity-Logs:log-stream:x'))],
    ['delete another queue', asking('sqs:DeleteQueue', arn('sqs', theirs))],
    ['delete another alarm', asking('cloudwatch:DeleteAlarms', arn('cloudwatch', `alarm:${theirs}`))],
    ['count in another runtime’s log', asking('logs:PutMetricFilter', known.group(runtimes[1].id))],
    ['read the agent’s log', asking('logs:FilterLogEvents', known.group(runtimes[0].id))],
    [
      'change another dashboard',
      asking('cloudwatch:PutDashboard', `arn:aws:cloudwatch::${aws.account}:dashboard/outbound-auth-copy-${region}`),
    ],
    ['let somebody else hear of another topic', asking('sns:Subscribe', arn('sns', 'outbound-auth-copy-alarms'))],
    ['publish to the topic', asking('sns:Publish', arn('sns', 'outbound-auth-dev-alarms'))],
    ['delete another rule', asking('events:DeleteRule', arn('events', `rule/${theirs}`))],
    ['read what another bootstrap deploys', asking('s3:GetObject', 'arn:aws:s3:::cdk-theirs-assets/x.zip')],
    ...(
      [
        ['make a runtime', 'bedrock-agentcore:CreateAgentRuntime', '*'],
        ['put the runtime', 'bedrock-agentcore:UpdateAgentRuntime', runtimes[0].arn],
      ] as const
    ).flatMap(([what, action, resource]): Attempt[] => [
      [
        `${what} in another subnet`,
        asking(action, resource, networkOf(['subnet-0fedcba9876543210'], dev.network.securityGroups)),
      ],
      [
        `${what} in another security group`,
        asking(action, resource, networkOf(dev.network.subnets, ['sg-0fedcba9876543210'])),
      ],
    ]),
    ['change another runtime', asking('bedrock-agentcore:UpdateAgentRuntime', runtimes[1].arn)],
    ['delete another runtime', asking('bedrock-agentcore:DeleteAgentRuntime', runtimes[1].arn)],
    [
      'move another endpoint',
      asking('bedrock-agentcore:UpdateAgentRuntimeEndpoint', `${runtimes[0].arn}/runtime-endpoint/canary`),
    ],
    [
      'delete another endpoint',
      asking('bedrock-agentcore:DeleteAgentRuntimeEndpoint', `${runtimes[0].arn}/runtime-endpoint/canary`),
    ],
    [
      'delete the identity of another runtime',
      asking(
        'bedrock-agentcore:DeleteWorkloadIdentity',
        arn(
          'bedrock-agentcore',
          `workload-identity-directory/default/workload-identity/${runtimes[1].workloadIdentity.name}`,
        ),
      ),
    ],
    [
      'read the outputs of another stack',
      ({ cloudFormation }) =>
        cloudFormation.send(new DescribeStacksCommand({ StackName: account.stack('second', 'identity').name })),
    ],
    ['read the secret', ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: own.secretArn }))],
    [
      'delete a credential provider',
      ({ control }) => control.send(new DeleteApiKeyCredentialProviderCommand({ name: neighbour.name })),
    ],
  ];
}

function networkOf(subnets: readonly string[], securityGroups: readonly string[]): ConditionContext {
  return { 'bedrock-agentcore:subnets': subnets, 'bedrock-agentcore:securityGroups': securityGroups };
}

function update(name: string, secretId: string): UpdateApiKeyCredentialProviderCommand {
  return new UpdateApiKeyCredentialProviderCommand({
    name,
    apiKeySecretSource: 'EXTERNAL',
    apiKeySecretConfig: { secretId, jsonKey: 'apiKey' },
  });
}
