const dev = { secret: 'team/openai' };
const network = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] };

/** What is wrong in cdk.json, the environments that have it, and the lines that every command prints. */
export const settingRows: readonly [what: string, environments: unknown, line: string][] = [
  [
    'misspelt',
    { dev: { ...dev, secretJsonkey: 'k' } },
    'environments.dev.secretJsonkey: no such setting (did you mean secretJsonKey?); allowed: account, region, bootstrapQualifier, secret, source, secretJsonKey, encryptionKeyArn, credentialProviderName, adoptExisting, removalPolicy, openai, azure, weather, callersWithoutUser, runtimeName, platformVersion, artifact, network, lifecycle, systemPrompt, tracing, production, logRetentionDays, logEncryptionKeyArn, alarms, tags, permissionsBoundary, rolePath.',
  ],
  [
    'misspelt further in',
    { dev: { ...dev, openai: { model: 'x' } } },
    'environments.dev.openai.model: no such setting (did you mean modelId?); allowed: modelId, baseUrl, organization, project, api.',
  ],
  ['of the wrong type', { dev: { secret: 5 } }, 'environments.dev.secret: 5 must be a string.'],
  ['missing', { dev: {} }, 'environments.dev.secret: missing; it must be a string.'],
  ['empty', { dev: { secret: ' ' } }, 'environments.dev.secret: " " must not be empty.'],
  [
    'a runtime name with a hyphen',
    { dev: { ...dev, runtimeName: 'my-agent' } },
    'environments.dev.runtimeName: "my-agent" must start with a letter and have at most 48 letters, digits and underscores (AgentCore allows no hyphens).',
  ],
  [
    'a runtime name that is too long',
    { dev: { ...dev, runtimeName: 'a'.repeat(49) } },
    `environments.dev.runtimeName: "${'a'.repeat(49)}" must start with a letter and have at most 48 letters, digits and underscores (AgentCore allows no hyphens).`,
  ],
  [
    'an unknown source',
    { dev: { ...dev, source: 'EXTERNAL' } },
    'environments.dev.source: "EXTERNAL" is not allowed; allowed: reference, copy.',
  ],
  [
    'an unknown removal policy',
    { dev: { ...dev, removalPolicy: 'snapshot' } },
    'environments.dev.removalPolicy: "snapshot" is not allowed; allowed: destroy, retain.',
  ],
  [
    'an adoption that is neither wanted nor not',
    { dev: { ...dev, adoptExisting: 'yes' } },
    'environments.dev.adoptExisting: "yes" must be true or false.',
  ],
  [
    'callers without a user neither allowed nor not',
    { dev: { ...dev, callersWithoutUser: 1 } },
    'environments.dev.callersWithoutUser: 1 must be true or false.',
  ],
  [
    'an alias in the place of a KMS key, which IAM does not know',
    { dev: { ...dev, encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:alias/openai' } },
    'environments.dev.encryptionKeyArn: "arn:aws:kms:us-east-1:111122223333:alias/openai" must be the ARN of a KMS key (not of an alias).',
  ],
  [
    'an unknown platform version',
    { dev: { ...dev, platformVersion: 'V3' } },
    'environments.dev.platformVersion: "V3" is not allowed (did you mean V1?); allowed: V1, V2.',
  ],
  [
    'an account that is a number',
    { dev: { ...dev, account: 123456789012 } },
    'environments.dev.account: 123456789012 must be a string.',
  ],
  [
    'an account that is too short',
    { dev: { ...dev, account: '123' } },
    'environments.dev.account: "123" must be an AWS account id: a string of twelve digits.',
  ],
  [
    'a Region that is none',
    { dev: { ...dev, region: 'Frankfurt' } },
    'environments.dev.region: "Frankfurt" must be an AWS Region such as us-east-1.',
  ],
  [
    'a secret with a wildcard, which would grant many',
    { dev: { secret: '*' } },
    'environments.dev.secret: "*" must be the name or the ARN of a secret, without wildcards.',
  ],
  [
    'a key in the place of the secret',
    { dev: { secret: 'sk-proj-0123456789' } },
    'environments.dev.secret: "[redacted]" looks like an API key: give the name of the secret that holds it.',
  ],
  [
    'a key in the place of its name in the JSON object',
    { dev: { ...dev, secretJsonKey: 'sk-proj-0123456789' } },
    'environments.dev.secretJsonKey: "[redacted]" looks like an API key: give the name that it has in the JSON object.',
  ],
  [
    'production neither yes nor no',
    { dev: { ...dev, production: 'yes' } },
    'environments.dev.production: "yes" must be true or false.',
  ],
  [
    'an alias in the place of the KMS key of the logs',
    { dev: { ...dev, logEncryptionKeyArn: 'alias/logs' } },
    'environments.dev.logEncryptionKeyArn: "alias/logs" must be the ARN of a KMS key (not of an alias).',
  ],
  [
    'a KMS key of the logs whose id is none',
    { dev: { ...dev, logEncryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234' } },
    'environments.dev.logEncryptionKeyArn: "arn:aws:kms:us-east-1:111122223333:key/1234" must end with the id of a KMS key, such as 1234abcd-12ab-34cd-56ef-1234567890ab.',
  ],
  [
    'a topic by its name',
    { dev: { ...dev, alarms: { topicArn: 'on-call' } } },
    'environments.dev.alarms.topicArn: "on-call" must be the ARN of an SNS topic.',
  ],
  [
    'a permissions boundary that is a role',
    { dev: { ...dev, permissionsBoundary: 'arn:aws:iam::111122223333:role/boundary' } },
    'environments.dev.permissionsBoundary: "arn:aws:iam::111122223333:role/boundary" must be the name or the ARN of a managed policy.',
  ],
  [
    'a role path without its last slash',
    { dev: { ...dev, rolePath: '/outbound-auth' } },
    'environments.dev.rolePath: "/outbound-auth" must begin and end with a slash, such as /outbound-auth/.',
  ],
  [
    'a runtime name that another environment has too',
    { dev: { ...dev, runtimeName: 'mine' }, prod: { ...dev, runtimeName: 'mine' } },
    'environments.prod.runtimeName: "mine" is that of the environment dev too, in the same account and Region; give one of them another.',
  ],
  [
    'a credential provider name that another environment has too, in an account that both name',
    {
      dev: { ...dev, account: '111122223333', region: 'us-east-1', credentialProviderName: 'mine' },
      prod: { ...dev, account: '111122223333', region: 'us-east-1', credentialProviderName: 'mine' },
    },
    'environments.prod.credentialProviderName: "mine" is that of the environment dev too, in the same account and Region; give one of them another.',
  ],
  [
    'a credential provider name that another key of the environment has too',
    {
      dev: {
        ...dev,
        credentialProviderName: 'mine',
        weather: { secret: 'team/weather', credentialProviderName: 'mine' },
      },
    },
    'environments.dev.weather.credentialProviderName: "mine" is that of credentialProviderName too; give one of them another.',
  ],
  [
    'a credential provider name that another key of another environment has',
    {
      dev: { ...dev, credentialProviderName: 'mine' },
      prod: { ...dev, weather: { secret: 'team/weather', credentialProviderName: 'mine' } },
    },
    'environments.prod.weather.credentialProviderName: "mine" is that of the environment dev too, in the same account and Region; give one of them another.',
  ],
  [
    'a weather service without a secret',
    { dev: { ...dev, weather: {} } },
    'environments.dev.weather.secret: missing; it must be a string.',
  ],
  [
    'a weather key in the place of its secret',
    { dev: { ...dev, weather: { secret: 'sk-0123456789abcdef' } } },
    'environments.dev.weather.secret: "[redacted]" looks like an API key: give the name of the secret that holds it.',
  ],
  [
    'units that nobody measures in',
    { dev: { ...dev, weather: { secret: 's', units: 'kelvin' } } },
    'environments.dev.weather.units: "kelvin" must be metric or imperial.',
  ],
  [
    'a place of two lines',
    { dev: { ...dev, weather: { secret: 's', place: 'Seoul\nBusan' } } },
    'environments.dev.weather.place: "Seoul\\nBusan" must be a place such as Seoul: one line of up to 200 characters.',
  ],
  [
    'a weather service that the key would travel to in the clear',
    { dev: { ...dev, weather: { secret: 's', baseUrl: 'http://10.0.0.1/v4' } } },
    'environments.dev.weather.baseUrl: "http://10.0.0.1/v4" must be an https URL such as https://api.tomorrow.io/v4 (http only on this machine, as the key travels with it).',
  ],
  [
    'a base URL that the key would travel to in the clear',
    { dev: { ...dev, openai: { baseUrl: 'http://10.0.0.1/v1' } } },
    'environments.dev.openai.baseUrl: "http://10.0.0.1/v1" must be an https URL such as https://api.openai.com/v1 (http only on this machine, as the key travels with it).',
  ],
  [
    'a base URL with a password, which is not shown',
    { dev: { ...dev, openai: { baseUrl: 'https://user:password@proxy.example/v1' } } },
    'environments.dev.openai.baseUrl: "https://[redacted]@proxy.example/v1" must be an https URL such as https://api.openai.com/v1 (http only on this machine, as the key travels with it).',
  ],
  [
    'a qualifier with a hyphen',
    { dev: { ...dev, bootstrapQualifier: 'out-auth' } },
    'environments.dev.bootstrapQualifier: "out-auth" must be 1 to 10 lower-case letters and digits.',
  ],
  [
    'an artifact of another name',
    { dev: { ...dev, artifact: 'Container' } },
    'environments.dev.artifact: "Container" is not allowed (did you mean container?); allowed: container, code.',
  ],
  [
    'a network without security groups',
    { dev: { ...dev, network: { subnets: ['subnet-0123456789abcdef0'] } } },
    'environments.dev.network.securityGroups: missing; it must be a list.',
  ],
  [
    'a network of another name',
    { dev: { ...dev, network: 'PUBLIC' } },
    'environments.dev.network: "PUBLIC" must be an object.',
  ],
  [
    'a network whose subnets are misspelt',
    { dev: { ...dev, network: { ...network, subnetIds: [] } } },
    'environments.dev.network.subnetIds: no such setting (did you mean subnets?); allowed: subnets, securityGroups.',
  ],
  [
    'a subnet by its name',
    { dev: { ...dev, network: { ...network, subnets: ['private-a'] } } },
    'environments.dev.network.subnets.0: "private-a" must be an id such as subnet-0123456789abcdef0.',
  ],
  [
    'a security group in the place of a subnet',
    { dev: { ...dev, network: { ...network, subnets: network.securityGroups } } },
    'environments.dev.network.subnets.0: "sg-0123456789abcdef0" must be an id such as subnet-0123456789abcdef0.',
  ],
  [
    'no subnet at all',
    { dev: { ...dev, network: { ...network, subnets: [] } } },
    'environments.dev.network.subnets: [] must not be empty.',
  ],
  [
    'more security groups than AgentCore takes',
    { dev: { ...dev, network: { ...network, securityGroups: Array(17).fill('sg-01234567') } } },
    'environments.dev.network.securityGroups: ["sg-01234567","sg-01234567","sg-01234567","sg-01234567","sg-01234567","sg-01… must have at most 16 entries.',
  ],
  [
    'sessions that end too soon',
    { dev: { ...dev, lifecycle: { idleSeconds: 59 } } },
    'environments.dev.lifecycle.idleSeconds: 59 must be at least 60.',
  ],
  [
    'sessions that live too long',
    { dev: { ...dev, lifecycle: { maxSeconds: 28_801 } } },
    'environments.dev.lifecycle.maxSeconds: 28801 must be at most 28800.',
  ],
  [
    'half a second',
    { dev: { ...dev, lifecycle: { idleSeconds: 60.5 } } },
    'environments.dev.lifecycle.idleSeconds: 60.5 must be a whole number.',
  ],
  [
    'a time in quotes',
    { dev: { ...dev, lifecycle: { idleSeconds: '900' } } },
    'environments.dev.lifecycle.idleSeconds: "900" must be a number.',
  ],
  [
    'sessions that may wait longer than they live',
    { dev: { ...dev, lifecycle: { idleSeconds: 900, maxSeconds: 600 } } },
    'environments.dev.lifecycle.idleSeconds: 900 cannot be more than maxSeconds.',
  ],
  [
    'a lifecycle in the words of the API',
    { dev: { ...dev, lifecycle: { maxLifetime: 600 } } },
    'environments.dev.lifecycle.maxLifetime: no such setting; allowed: idleSeconds, maxSeconds.',
  ],
  [
    'a retention that CloudWatch Logs does not know',
    { dev: { ...dev, logRetentionDays: 10 } },
    'environments.dev.logRetentionDays: 10 is not allowed; allowed: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653.',
  ],
  [
    'a retention in quotes',
    { dev: { ...dev, logRetentionDays: '30' } },
    'environments.dev.logRetentionDays: "30" is not allowed (did you mean 30?); allowed: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653.',
  ],
  [
    'alarms for a topic and an address',
    { dev: { ...dev, alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:t', email: 'a@b.example' } } },
    'environments.dev.alarms: {"topicArn":"arn:aws:sns:us-east-1:111122223333:t","email":"a@b.example"} must name one of topicArn and email.',
  ],
  [
    'alarms for nobody',
    { dev: { ...dev, alarms: {} } },
    'environments.dev.alarms: {} must name one of topicArn and email.',
  ],
  [
    'an address that is none',
    { dev: { ...dev, alarms: { email: 'on-call' } } },
    'environments.dev.alarms.email: "on-call" must be an e-mail address.',
  ],
  [
    'a latency of nothing',
    { dev: { ...dev, alarms: { email: 'a@b.example', latencySeconds: 0 } } },
    'environments.dev.alarms.latencySeconds: 0 must be at least 1.',
  ],
  ['tags as a list', { dev: { ...dev, tags: ['team'] } }, 'environments.dev.tags: ["team"] must be an object.'],
  [
    'a tag that is a number',
    { dev: { ...dev, tags: { 'cost-center': 4711 } } },
    'environments.dev.tags.cost-center: 4711 must be a string.',
  ],
  [
    "a tag of AWS's own",
    { dev: { ...dev, tags: { 'AWS:team': 'a' } } },
    'environments.dev.tags.AWS:team: the name must not begin with aws: or outbound-auth:, by which AWS and the handler know what is theirs.',
  ],
  [
    'a tag that says whose a credential provider is',
    { dev: { ...dev, tags: { 'outbound-auth:stack-id': 'a' } } },
    'environments.dev.tags.outbound-auth:stack-id: the name must not begin with aws: or outbound-auth:, by which AWS and the handler know what is theirs.',
  ],
  [
    'a tag with an exclamation mark',
    { dev: { ...dev, tags: { team: 'wow!' } } },
    'environments.dev.tags.team: "wow!" must be letters, digits, spaces and _.:/=+-@.',
  ],
  [
    'a tag without a name',
    { dev: { ...dev, tags: { '': 'a' } } },
    'environments.dev.tags.: the name must not be empty.',
  ],
  [
    'a tag whose name is too long',
    { dev: { ...dev, tags: { ['t'.repeat(129)]: 'a' } } },
    `environments.dev.tags.${'t'.repeat(129)}: the name must have at most 128 characters.`,
  ],
  [
    'tags that IAM takes for one',
    { dev: { ...dev, tags: { team: 'a', Team: 'b' } } },
    'environments.dev.tags.Team: "b" is the value of a tag that differs from team in capitals only, which IAM does not take.',
  ],
  [
    'more tags than fit',
    { dev: { ...dev, tags: Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`t${index}`, ''])) } },
    'environments.dev.tags: {"t0":"","t1":"","t2":"","t3":"","t4":"","t5":"","t6":"","t7":"","t8":"","t9"… must have at most 40 tags.',
  ],
  [
    'OpenAI and Azure OpenAI',
    { dev: { ...dev, openai: {}, azure: { endpoint: 'https://r.openai.azure.com', deployment: 'd' } } },
    'environments.dev.azure: {"endpoint":"https://r.openai.azure.com","deployment":"d"} cannot be beside openai: an environment asks one provider.',
  ],
  [
    'a system prompt that no environment variable holds',
    { dev: { ...dev, systemPrompt: 'p'.repeat(2049) } },
    `environments.dev.systemPrompt: "${'p'.repeat(76)}… must have at most 2048 characters (the limit of an environment variable).`,
  ],
  [
    'a role path that is too long',
    { dev: { ...dev, rolePath: `/${'p'.repeat(511)}/` } },
    `environments.dev.rolePath: "/${'p'.repeat(75)}… must have at most 512 characters.`,
  ],
  ['an environment that is a list', { dev: [] }, 'environments.dev: [] must be an object.'],
  [
    'an environment name',
    { Dev: dev },
    'environments.Dev: the name must be 1 to 30 lower-case letters, digits and hyphens, beginning with a letter.',
  ],
  ['no environment at all', {}, 'environments: {} must have at least one environment.'],
  ['a list', [], 'environments: [] must be an object.'],
  ['not JSON', '{dev', 'The context "environments" is not JSON.'],
  ['not there', undefined, 'cdk.json has no context "environments": add {"dev": {"secret": "NAME OR ARN"}}.'],
];
