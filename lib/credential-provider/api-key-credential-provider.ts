import { ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';
import { handlerCode } from './handler-code.ts';
import type { CredentialProviderAttributes, CredentialProviderProperties } from './resource-properties.ts';

export interface ApiKeyCredentialProviderProps {
  /** 1 to 128 letters, digits and hyphens; unique in account and Region. A change replaces the credential provider. */
  readonly credentialProviderName: string;
  /** Name or ARN of the Secrets Manager secret that holds the API key; it must exist in the same Region. */
  readonly secret: string;
  /**
   * Key of the secret's JSON object under which the API key stands.
   *
   * @default 'apiKey'
   */
  readonly jsonKey?: string;
}

/** What an agent's role needs to know of a credential provider. */
export interface CredentialSource {
  readonly credentialProviderName: string;
  /** Full ARN of the secret that AgentCore reads for the caller of GetResourceApiKey. */
  readonly apiKeySecretArn: string;
  /** Where the key comes from, in words that change when it does. */
  readonly description: string;
}

/**
 * An AgentCore credential provider that refers to an API key in Secrets Manager (`EXTERNAL`): the key itself passes
 * through no template, no event and no log.
 */
export class ApiKeyCredentialProvider extends Construct implements CredentialSource {
  readonly credentialProviderName: string;
  readonly credentialProviderArn: string;
  readonly apiKeySecretArn: string;
  readonly description: string;

  constructor(scope: Construct, id: string, props: ApiKeyCredentialProviderProps) {
    super(scope, id);
    const jsonKey = props.jsonKey ?? 'apiKey';
    this.credentialProviderName = props.credentialProviderName;
    this.description = `credential provider ${props.credentialProviderName}, key ${jsonKey} of secret ${props.secret}`;

    const logGroup = new LogGroup(this, 'HandlerLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'HandlerRole', {
      description: `Manages the AgentCore ${this.description}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    for (const statement of handlerStatements(this, props, logGroup)) role.addToPolicy(statement);
    const handler = new LambdaFunction(this, 'Handler', {
      description: `Creates, updates and deletes the AgentCore credential provider ${props.credentialProviderName}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: handlerCode(),
      role: role.withoutPolicyUpdates(),
      logGroup,
      memorySize: 256,
      timeout: Duration.minutes(2),
    });
    const properties: CredentialProviderProperties = {
      CredentialProviderName: props.credentialProviderName,
      SecretId: props.secret,
      JsonKey: jsonKey,
    };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::ApiKeyCredentialProvider',
      serviceToken: handler.functionArn,
      // A Lambda that dies without an answer would otherwise hold the deployment for an hour.
      serviceTimeout: Duration.minutes(5),
      properties: { ...properties },
    });
    resource.node.addDependency(role);

    const attribute = (name: keyof CredentialProviderAttributes) => resource.getAttString(name);
    this.credentialProviderArn = attribute('CredentialProviderArn');
    this.apiKeySecretArn = attribute('SecretArn');
  }
}

function handlerStatements(
  scope: Construct,
  props: ApiKeyCredentialProviderProps,
  logGroup: LogGroup,
): PolicyStatement[] {
  const arns = agentCoreArns(scope);
  const credentialProvider = arns.credentialProvider(props.credentialProviderName);
  return [
    new PolicyStatement({
      sid: 'ManageCredentialProvider',
      actions: [
        'bedrock-agentcore:CreateApiKeyCredentialProvider',
        'bedrock-agentcore:GetApiKeyCredentialProvider',
        'bedrock-agentcore:UpdateApiKeyCredentialProvider',
        'bedrock-agentcore:DeleteApiKeyCredentialProvider',
      ],
      resources: [arns.tokenVault, credentialProvider],
    }),
    new PolicyStatement({
      sid: 'OwnCredentialProvider',
      actions: ['bedrock-agentcore:TagResource', 'bedrock-agentcore:ListTagsForResource'],
      resources: [credentialProvider],
    }),
    // The first credential provider of an account and Region makes its token vault.
    new PolicyStatement({
      sid: 'CreateTokenVault',
      actions: ['bedrock-agentcore:CreateTokenVault'],
      resources: [arns.tokenVault],
    }),
    new PolicyStatement({
      sid: 'CheckSecret',
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      resources: secretArnPatterns(scope, props.secret),
    }),
    new PolicyStatement({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  ];
}

/**
 * The narrowest patterns that are known before the secret was looked up. Whether an ARN is complete cannot be told from it:
 * `…:secret:team-openai` may end in a name, or in the six characters that AWS adds.
 */
function secretArnPatterns(scope: Construct, secret: string): string[] {
  if (secret.startsWith('arn:')) return [secret, `${secret}-??????`];
  return [
    Stack.of(scope).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${secret}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  ];
}
