import type {
  ApiKeyCredentialProviderItem,
  CreateApiKeyCredentialProviderRequest,
  UpdateApiKeyCredentialProviderRequest,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import type { ConditionContext } from '../iam/conditions.ts';
import { onBehalfOf, type Principal } from '../iam/principal.ts';
import type { Call } from '../service.ts';
import { agentCoreArns } from './arns.ts';
import { page, seconds } from './page.ts';
import { checkTags, ResourceTags, requestTagContext, type Tags } from './resource-tags.ts';
import { checkLength, checkPattern, constraintViolation } from './validation.ts';

/** Who calls, and where. */
export type Caller = Pick<Call, 'region' | 'caller' | 'authorize'>;

/** Where a provider's key is. */
interface Source {
  readonly kind: 'MANAGED' | 'EXTERNAL';
  readonly secretArn: string;
  readonly jsonKey: string;
}

interface Provider {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  updated: Date;
  source: Source;
}

/** What a request says of the key: the key itself, or where it is. */
type Wanted =
  | { readonly kind: 'MANAGED'; readonly apiKey: string }
  | { readonly kind: 'EXTERNAL'; readonly secretId: string; readonly jsonKey: string };

const managedJsonKey = 'api_key_value';
const maxProviders = 50;

/** The token vault's API-key credential providers, by Region. */
export class CredentialProviders {
  /** Tags of providers, and of the other AgentCore resources. */
  readonly tags = new ResourceTags();
  readonly #aws: Aws;
  readonly #providers = new Map<string, Provider>();
  readonly #vaults = new Set<string>();

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /**
   * `CreateApiKeyCredentialProvider`. The secret of an EXTERNAL provider is read, and that of a MANAGED one is made, with
   * the caller's permissions.
   */
  create(call: Caller, input: CreateApiKeyCredentialProviderRequest) {
    const { region } = call;
    checkName(input.name);
    const name = input.name;
    const wanted = wantedOf(input);
    const tags = input.tags ?? {};
    checkTags(tags);
    const tagContext = requestTagContext(tags);
    this.#authorize(call, 'CreateApiKeyCredentialProvider', name, tagContext);
    const { tokenVault, apiKeyCredentialProvider } = agentCoreArns(this.#aws, region);
    const arn = apiKeyCredentialProvider(name);
    if (!this.#vaults.has(region)) call.authorize('bedrock-agentcore:CreateTokenVault', tokenVault);
    if (Object.keys(tags).length > 0) {
      call.authorize('bedrock-agentcore:TagResource', arn, { ...this.tags.contextOf(arn), ...tagContext });
    }
    if (this.#providers.has(keyOf(region, name))) {
      throw new AwsError('ValidationException', `Credential provider with name: ${name} already exists`);
    }
    if (this.#inRegion(region).length >= maxProviders) {
      throw new AwsError(
        'ServiceQuotaExceededException',
        `The account has reached its quota of ${maxProviders} API key credential providers in this Region.`,
        402,
      );
    }
    const source = wanted.kind === 'EXTERNAL' ? this.#refer(call, wanted) : this.#copy(call, name, wanted.apiKey);
    const now = new Date();
    const provider: Provider = { region, name, arn, created: now, updated: now, source };
    this.#vaults.add(region);
    this.#providers.set(keyOf(region, name), provider);
    this.tags.add(arn, tags);
    const { createdTime: _created, lastUpdatedTime: _updated, ...output } = describe(provider);
    return output;
  }

  /** `GetApiKeyCredentialProvider`: never the key. */
  get(call: Caller, { name }: { name?: unknown }) {
    checkName(name);
    this.#authorize(call, 'GetApiKeyCredentialProvider', name);
    return describe(this.#find(call.region, name));
  }

  /** `UpdateApiKeyCredentialProvider`: the key or the reference, not the kind of source. */
  update(call: Caller, input: UpdateApiKeyCredentialProviderRequest) {
    checkName(input.name);
    const wanted = wantedOf(input);
    this.#authorize(call, 'UpdateApiKeyCredentialProvider', input.name);
    const provider = this.#find(call.region, input.name);
    if (wanted.kind !== provider.source.kind) {
      throw new AwsError(
        'ValidationException',
        `The apiKeySecretSource of the credential provider ${provider.name} is ${provider.source.kind} and cannot be changed to ${wanted.kind}.`,
      );
    }
    if (wanted.kind === 'EXTERNAL') provider.source = this.#refer(call, wanted);
    else {
      this.#aws.secrets.putValue(forwarded(call), call.region, {
        secretId: provider.source.secretArn,
        secretString: JSON.stringify({ [managedJsonKey]: wanted.apiKey }),
      });
    }
    provider.updated = new Date();
    return describe(provider);
  }

  /** `DeleteApiKeyCredentialProvider`: with the service's own secret, and never with the customer's. */
  delete(call: Caller, { name }: { name?: unknown }): void {
    checkName(name);
    this.#authorize(call, 'DeleteApiKeyCredentialProvider', name);
    const { arn, source } = this.#find(call.region, name);
    if (source.kind === 'MANAGED') {
      this.#aws.secrets.delete(forwarded(call), call.region, { secretId: source.secretArn, force: true });
    }
    this.#providers.delete(keyOf(call.region, name));
    this.tags.remove(arn);
  }

  /** `ListApiKeyCredentialProviders`, by name. */
  list(call: Caller, input: { maxResults?: number | null; nextToken?: string | null }) {
    this.#authorize(call, 'ListApiKeyCredentialProviders', '*');
    const { items, nextToken } = page(this.#inRegion(call.region), input);
    const credentialProviders = items.map(({ name, arn, created, updated }) => ({
      name,
      credentialProviderArn: arn,
      createdTime: seconds(created),
      lastUpdatedTime: seconds(updated),
    })) satisfies Record<keyof ApiKeyCredentialProviderItem, unknown>[];
    return { credentialProviders, ...(nextToken ? { nextToken } : {}) };
  }

  /** `GetTokenVault`. */
  tokenVault(call: Caller, { tokenVaultId = 'default' }: { tokenVaultId?: string }) {
    const { tokenVault } = agentCoreArns(this.#aws, call.region);
    call.authorize('bedrock-agentcore:GetTokenVault', tokenVault);
    if (tokenVaultId !== 'default' || !this.#vaults.has(call.region)) {
      throw new AwsError('ResourceNotFoundException', `Token vault not found: ${tokenVaultId}`, 404);
    }
    return { tokenVaultId, kmsConfiguration: { keyType: 'ServiceManagedKey' }, lastModifiedDate: seconds(new Date()) };
  }

  /** `SetTokenVaultCMK`: refused to those who may not, and to the others by name, since nothing is encrypted here. */
  setTokenVaultKey(call: Caller): never {
    call.authorize('bedrock-agentcore:SetTokenVaultCMK', agentCoreArns(this.#aws, call.region).tokenVault);
    throw notSupported('SetTokenVaultCMK: there is no KMS here');
  }

  /**
   * `GetResourceApiKey`. The secret is read now, with the permissions of whoever asks: a rotated key is seen at once.
   *
   * @throws AwsError UnauthorizedException (token), AccessDeniedException (AgentCore or Secrets Manager),
   * ResourceNotFoundException (provider or secret), ValidationException (the secret holds no such key)
   */
  getResourceApiKey(
    call: Caller,
    input: { workloadIdentityToken?: unknown; resourceCredentialProviderName?: unknown },
  ) {
    const { region } = call;
    const { workloadIdentityToken: token, resourceCredentialProviderName: name } = input;
    checkLength('workloadIdentityToken', token, 1, 131_072);
    checkPattern('resourceCredentialProviderName', name, '[a-zA-Z0-9\\-_]{1,128}');
    const { workloadName } = this.#aws.workloadIdentities.readToken(region, token);
    const arns = agentCoreArns(this.#aws, region);
    const resources = [
      arns.apiKeyCredentialProvider(name),
      arns.tokenVault,
      arns.workloadIdentityDirectory,
      arns.workloadIdentity(workloadName),
    ];
    for (const arn of resources) call.authorize('bedrock-agentcore:GetResourceApiKey', arn, this.tags.contextOf(arn));
    const { secretArn, jsonKey } = this.#find(region, name).source;
    const { secretString } = this.#aws.secrets.getValue(forwarded(call), region, { secretId: secretArn });
    return { apiKey: readKey(secretString, secretArn, jsonKey) };
  }

  /** `ListTagsForResource`, `TagResource` and `UntagResource`, for every AgentCore resource. */
  tagsOf(call: Caller, arn: string): { tags: Tags } {
    call.authorize('bedrock-agentcore:ListTagsForResource', arn, this.tags.contextOf(arn));
    return { tags: this.tags.of(arn) };
  }

  tagResource(call: Caller, arn: string, tags: Tags): void {
    call.authorize('bedrock-agentcore:TagResource', arn, { ...this.tags.contextOf(arn), ...requestTagContext(tags) });
    this.tags.put(arn, tags);
  }

  untagResource(call: Caller, arn: string, names: readonly string[]): void {
    const tagKeys = names.length > 0 ? { 'aws:TagKeys': names } : {};
    call.authorize('bedrock-agentcore:UntagResource', arn, { ...this.tags.contextOf(arn), ...tagKeys });
    this.tags.delete(arn, names);
  }

  /** Each of the two resources is judged with its own tags, and both with what the request brings. */
  #authorize(call: Caller, action: string, name: string, context: ConditionContext = {}): void {
    const { tokenVault, apiKeyCredentialProvider } = agentCoreArns(this.#aws, call.region);
    for (const arn of [tokenVault, apiKeyCredentialProvider(name)]) {
      call.authorize(`bedrock-agentcore:${action}`, arn, { ...this.tags.contextOf(arn), ...context });
    }
  }

  /** Makes sure that the caller can read the key where it is, and keeps the secret's full ARN. */
  #refer(call: Caller, { secretId, jsonKey }: Wanted & { kind: 'EXTERNAL' }): Source {
    const { arn, secretString } = this.#aws.secrets.getValue(forwarded(call), call.region, { secretId });
    readKey(secretString, secretId, jsonKey);
    return { kind: 'EXTERNAL', secretArn: arn, jsonKey };
  }

  #copy(call: Caller, name: string, apiKey: string): Source {
    const { arn } = this.#aws.secrets.create(forwarded(call), call.region, {
      name: `bedrock-agentcore-identity!default/apikey/${name}`,
      secretString: JSON.stringify({ [managedJsonKey]: apiKey }),
      owningService: 'bedrock-agentcore-identity',
    });
    return { kind: 'MANAGED', secretArn: arn, jsonKey: managedJsonKey };
  }

  #find(region: string, name: string): Provider {
    const provider = this.#providers.get(keyOf(region, name));
    if (provider) return provider;
    throw new AwsError('ResourceNotFoundException', `Credential provider with name: ${name} not found`, 404);
  }

  #inRegion(region: string): Provider[] {
    return [...this.#providers.values()]
      .filter((provider) => provider.region === region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Who calls, for what AgentCore does with a secret on the caller's behalf. */
function forwarded({ caller }: Caller): Principal {
  return onBehalfOf(caller, 'bedrock-agentcore.amazonaws.com');
}

function checkName(name: unknown): asserts name is string {
  checkPattern('name', name, '[a-zA-Z0-9\\-_]+');
  if (name.length > 128) {
    throw constraintViolation('name', name, 'Member must have length less than or equal to 128');
  }
}

function wantedOf(input: UpdateApiKeyCredentialProviderRequest): Wanted {
  const { apiKey, apiKeySecretConfig: config } = input;
  // An older client sends only a name and a key: that is a copy.
  const kind = input.apiKeySecretSource ?? 'MANAGED';
  if (apiKey !== undefined && config !== undefined) {
    throw new AwsError('ValidationException', 'Only one of apiKey and apiKeySecretConfig can be specified.');
  }
  if (kind === 'MANAGED') {
    if (apiKey === undefined) {
      throw new AwsError('ValidationException', 'apiKey must be specified when apiKeySecretSource is MANAGED.');
    }
    checkLength('apiKey', apiKey, 1, 65_536);
    return { kind, apiKey };
  }
  if (kind !== 'EXTERNAL') {
    throw constraintViolation('apiKeySecretSource', kind, 'Member must satisfy enum value set: [MANAGED, EXTERNAL]');
  }
  if (!config) {
    throw new AwsError(
      'ValidationException',
      'apiKeySecretConfig must be specified when apiKeySecretSource is EXTERNAL.',
    );
  }
  checkLength('apiKeySecretConfig.secretId', config.secretId, 1, 2048);
  checkLength('apiKeySecretConfig.jsonKey', config.jsonKey, 1, 128);
  return { kind, secretId: config.secretId, jsonKey: config.jsonKey };
}

/** The key in a secret's text. Nothing of the text gets into an error. */
function readKey(secretString: string | undefined, secretId: string, jsonKey: string): string {
  const fields = parseObject(secretString);
  if (!fields) throw new AwsError('ValidationException', `The secret ${secretId} is not a JSON object.`);
  const key = Object.hasOwn(fields, jsonKey) ? fields[jsonKey] : undefined;
  if (typeof key !== 'string' || key === '') {
    throw new AwsError('ValidationException', `The secret ${secretId} has no text under the JSON key "${jsonKey}".`);
  }
  return key;
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function describe({ name, arn, created, updated, source }: Provider) {
  return {
    name,
    credentialProviderArn: arn,
    apiKeySecretArn: { secretArn: source.secretArn },
    apiKeySecretSource: source.kind,
    ...(source.kind === 'EXTERNAL' ? { apiKeySecretJsonKey: source.jsonKey } : {}),
    createdTime: seconds(created),
    lastUpdatedTime: seconds(updated),
  };
}

function keyOf(region: string, name: string): string {
  return `${region} ${name}`;
}
