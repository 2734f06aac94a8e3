import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { type Environment, readEnvironments } from '../../lib/environments/index.ts';
import { cloudFormationExecutionPolicy, deployerPolicy, permissionsBoundary } from '../../lib/policies/index.ts';
import { projectFolder } from '../support/run.ts';
import { synthesize } from './synthesize.ts';
import { only, statements } from './templates.ts';

// As on a machine whose files nobody else may read.
const umask = process.umask(0o077);
const code = synthesize({ artifact: 'code' });
const container = synthesize();
process.umask(umask);

interface Runtime {
  readonly AgentRuntimeName: string;
  readonly EnvironmentVariables: Readonly<Record<string, string>>;
  readonly AgentRuntimeArtifact: {
    readonly CodeConfiguration: {
      readonly Code: { readonly S3: { readonly Bucket: object; readonly Prefix: string } };
    };
  };
}

const runtimeOf = (agent: Template) => only(agent, 'AWS::BedrockAgentCore::Runtime').Properties as unknown as Runtime;

/** What is in the cloud assembly for the agent stack. */
function assetsOf({ app }: ReturnType<typeof synthesize>) {
  const stack = app.synth().stacksRecursively.find(({ stackName }) => stackName === 'outbound-auth-dev-agent');
  const file = stack?.templateFullPath.replace('.template.json', '.assets.json') ?? '';
  const { files, dockerImages } = JSON.parse(readFileSync(file, 'utf8')) as {
    files: Record<string, { source: { path: string; packaging: string } }>;
    dockerImages: object;
  };
  const zipped = Object.values(files).filter(({ source }) => source.packaging === 'zip');
  return { folders: zipped.map(({ source }) => join(dirname(file), source.path)), dockerImages };
}

describe('an environment with artifact: code', () => {
  test('takes a zip from the bucket of the bootstrap, on the Node.js that AgentCore has', () => {
    expect(runtimeOf(code.agent)).toMatchObject({
      AgentRuntimeArtifact: { CodeConfiguration: { Runtime: 'NODE_22', EntryPoint: ['main.js'] } },
    });
    const { Bucket, Prefix } = runtimeOf(code.agent).AgentRuntimeArtifact.CodeConfiguration.Code.S3;
    expect(Bucket).toEqual({ 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' });
    expect(Prefix).toMatch(/^[0-9a-f]{64}\.zip$/);
  });

  test('has the same settings, and the flag that the image gives Node.js on its command line', () => {
    const flag = '--max-semi-space-size=1';
    expect(runtimeOf(code.agent).EnvironmentVariables).toEqual({
      ...runtimeOf(container.agent).EnvironmentVariables,
      NODE_OPTIONS: flag,
    });
    expect(readFileSync(join(projectFolder, 'agent/Dockerfile'), 'utf8')).toContain(`["node", "${flag}", "main.mjs"]`);
  });

  test('has a runtime of another name, since AgentCore changes the artifact of none', () => {
    expect(runtimeOf(container.agent).AgentRuntimeName).toBe('outbound_auth_dev');
    expect(runtimeOf(code.agent).AgentRuntimeName).toBe('outbound_auth_dev_zip');
    const [longest] = readEnvironments({ ['e'.repeat(30)]: { secret: 's', artifact: 'code' } });
    expect(longest?.runtimeName).toHaveLength(48);
    const [named] = readEnvironments({ dev: { secret: 's', artifact: 'code', runtimeName: 'own' } });
    expect(named?.runtimeName).toBe('own');
  });

  test('may have a default name that another environment has, which the synth refuses', () => {
    const both = { dev: { secret: 's', artifact: 'code' }, 'dev-zip': { secret: 's' } };
    expect(() => readEnvironments(both)).toThrow(
      'environments.dev-zip.runtimeName: "outbound_auth_dev_zip" is that of the environment dev too',
    );
  });

  test('needs no Docker: the bundle is a folder to zip, with an entry that ends with .js', () => {
    const { folders, dockerImages } = assetsOf(code);
    expect(dockerImages).toEqual({});
    const [folder = ''] = folders.filter((each) => existsSync(join(each, 'main.js')));
    expect(readdirSync(folder).sort()).toEqual(['chunks', 'main.js', 'main.mjs', 'package.json']);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toEqual({ type: 'module' });
    expect(readFileSync(join(folder, 'main.js'), 'utf8')).toBe("import './main.mjs';\n");
  });

  test('has files that AgentCore’s user can read, whatever the umask of the machine that zips them', () => {
    const [folder = ''] = assetsOf(code).folders;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(20);
    const modes = files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o644]));
  });
});

describe('the permissions of an environment with artifact: code', () => {
  const place = { account: '111122223333', region: 'us-east-1', qualifier: 'hnb659fds' };
  const [coded, contained] = ['code', 'container'].map(
    (artifact) => readEnvironments({ dev: { secret: 's', artifact, runtimeName: 'same' } })[0],
  ) as [Environment, Environment];
  const sidsOf = ({ Statement }: { Statement: readonly { Sid: string }[] }) => Statement.map(({ Sid }) => Sid);
  const ofImages = ['PullImage', 'LogInToEcr'];

  test('of its role are those of a container, without an image to pull; the code is not the role’s to read', () => {
    const sids = statements(container.agent).map(({ Sid }) => Sid);
    expect(statements(code.agent).map(({ Sid }) => Sid)).toEqual(sids.filter((sid) => !ofImages.includes(sid)));
    expect(JSON.stringify(code.agent.toJSON())).not.toMatch(/"(ecr|s3):/);
  });

  test('are bounded without an image, too', () => {
    const [ofCode, ofContainer] = [coded, contained].map((each) => sidsOf(permissionsBoundary(each, place)));
    expect(ofCode).toEqual(ofContainer?.filter((sid) => !ofImages.includes(sid)));
  });

  test('of CloudFormation are the same: it reads the code from the bucket of the bootstrap', () => {
    const [ofCode, ofContainer] = [coded, contained].map((each) => cloudFormationExecutionPolicy(each, place, 'b'));
    expect(ofCode).toEqual(ofContainer);
    expect(ofCode?.Statement).toContainEqual(
      expect.objectContaining({
        Action: ['s3:GetObject'],
        Resource: ['arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1/*'],
      }),
    );
  });

  test('of whoever deploys are the roles of the bootstrap without the one that publishes images', () => {
    const role = 'arn:aws:iam::111122223333:role/cdk-hnb659fds-image-publishing-role-111122223333-us-east-1';
    expect(JSON.stringify(deployerPolicy(contained, place))).toContain(role);
    expect(JSON.stringify(deployerPolicy(coded, place))).not.toContain(role);
  });
});
