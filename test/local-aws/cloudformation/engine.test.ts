import type { Properties, ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { Stacks } from '../../../local-aws/cloudformation/stacks.ts';
import { fakeAccount, historyOf, region, thing } from './fake-account.ts';

const ref = (name: string) => ({ Ref: name });

describe('creating a stack', () => {
  test('makes resources in the order of their references, and gives outputs', async () => {
    const { aws, things, deploy } = fakeAccount();
    const { outputs } = await deploy(
      'S',
      {
        B: thing({ Needs: { 'Fn::GetAtt': ['A', 'Arn'] } }),
        C: thing({}, { DependsOn: 'B' }),
        A: thing({ Value: 'x' }),
      },
      { Outputs: { Id: { Value: ref('A') }, Value: { Value: { 'Fn::Sub': '<${A.Value}>' } } } },
    );
    expect(things.calls).toEqual(['create A', 'create B', 'create C']);
    expect(things.existing.get('B-2')).toEqual({ Needs: 'arn:aws:test:::111122223333/A-1' });
    expect(outputs).toEqual({ Id: 'A-1', Value: '<x>' });
    expect(historyOf(aws, 'S')).toEqual([
      'S CREATE_IN_PROGRESS',
      ...['A', 'B', 'C'].flatMap((id) => [
        `${id} CREATE_IN_PROGRESS`,
        `${id} CREATE_IN_PROGRESS`,
        `${id} CREATE_COMPLETE`,
      ]),
      'S CREATE_COMPLETE',
    ]);
  });

  test('leaves out resources and outputs whose condition does not hold', async () => {
    const { things, deploy } = fakeAccount();
    const { outputs } = await deploy(
      'S',
      { A: thing({}, { Condition: 'No' }), B: thing() },
      {
        Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
        Outputs: { A: { Condition: 'No', Value: ref('A') }, B: { Value: ref('B') } },
      },
    );
    expect(things.calls).toEqual(['create B']);
    expect(outputs).toEqual({ B: 'B-1' });
  });

  test('and updating it in this process keeps the values of parameters, as cdk deploy does; those it has no more are dropped', async () => {
    const { aws, things } = fakeAccount();
    const template = (...names: string[]) => ({
      Parameters: Object.fromEntries(names.map((name) => [name, { Type: 'String', Default: 'default' }])),
      Resources: { A: thing({ Value: { 'Fn::Sub': `\${Kept} of ${names.length}` } }) },
    });
    const deploy = (names: string[], parameters?: Record<string, string>) =>
      aws.stacks.deploy({ region, stackName: 'S', template: template(...names), ...(parameters && { parameters }) });
    await deploy(['Kept', 'Dropped'], { Kept: 'given', Dropped: 'given' });
    await deploy(['Kept']);
    expect(things.existing.get('A-1')).toEqual({ Value: 'given of 1' });
    await deploy(['Kept', 'New'], { Kept: 'changed' });
    expect(things.existing.get('A-1')).toEqual({ Value: 'changed of 2' });
  });

  test('that fails is rolled back: what was made is deleted, what was under way is cancelled', async () => {
    const { aws, things, deploy } = fakeAccount();
    things.failing.add('create Bad');
    things.slow.add('create Slow');
    const failed = deploy('S', {
      A: thing(),
      Bad: thing({ Needs: ref('A') }),
      Slow: thing({ Needs: ref('A') }),
      Never: thing({ Needs: ref('Slow') }),
    });
    await expect(failed).rejects.toThrow(
      'Stack S (eu-central-1) ended as ROLLBACK_COMPLETE: Bad: create Bad is told to fail',
    );
    expect(things.existing.size).toBe(0);
    expect(things.calls).toEqual(['create A', 'create Bad', 'create Slow', 'delete Slow-2', 'delete A-1']);
    const reasons = aws.stacks
      .get(region, 'S')
      .events.flatMap(({ logicalId, reason }) => (reason ? [`${logicalId}: ${reason}`] : []));
    expect(reasons).toContain('Slow: Resource creation cancelled');
    expect(reasons).toContain(
      'S: The following resource(s) failed to create: [Bad, Slow]. Rollback requested by user.',
    );
  });

  test('that was rolled back can be deployed again', async () => {
    const { aws, things, deploy } = fakeAccount();
    things.failing.add('create A');
    await expect(deploy('S', { A: thing() })).rejects.toThrow();
    things.failing.clear();
    await deploy('S', { A: thing() });
    expect(aws.stacks.get(region, 'S').status).toBe('CREATE_COMPLETE');
  });

  test('rolled back, keeps what is to be retained, but not what is so except on create', async () => {
    const { things, deploy } = fakeAccount();
    things.failing.add('create Bad');
    const failed = deploy('S', {
      Kept: thing({}, { DeletionPolicy: 'Retain' }),
      Gone: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
      Bad: thing({}, { DependsOn: ['Kept', 'Gone'] }),
    });
    await expect(failed).rejects.toThrow('ROLLBACK_COMPLETE');
    expect([...things.existing.keys()]).toEqual(['Kept-1']);
  });

  test('deletes what a failed create has left, when its error names it', async () => {
    const { aws, things } = fakeAccount();
    const create = async () => {
      throw Object.assign(new Error('half done'), { physicalId: 'half-made' });
    };
    aws.stacks = new Stacks(aws, [{ ...things.provider, create }]);
    const failed = aws.stacks.deploy({ region, stackName: 'S', template: { Resources: { A: thing() } } });
    await expect(failed).rejects.toThrow('A: half done');
    expect(things.calls).toEqual(['delete half-made']);
  });
});

describe('updating a stack', () => {
  test('touches only what changed, in place', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing({ Value: 1 }), B: thing({ Value: 1 }) });
    const before = aws.stacks.get(region, 'S').events.length;
    await deploy('S', { A: thing({ Value: 2 }), B: thing({ Value: 1 }) });
    expect(things.calls.slice(2)).toEqual(['update A']);
    expect(historyOf(aws, 'S', before)).toEqual([
      'S UPDATE_IN_PROGRESS',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'S UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'S UPDATE_COMPLETE',
    ]);
  });

  test('with nothing changed does nothing', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing() }, { Outputs: { O: { Value: ref('A') } } });
    const before = aws.stacks.get(region, 'S').events.length;
    expect(await deploy('S', { A: thing() }, { Outputs: { O: { Value: ref('A') } } })).toEqual({
      outputs: { O: 'A-1' },
    });
    expect(things.calls).toEqual(['create A']);
    expect(historyOf(aws, 'S', before)).toEqual([]);
  });

  test('replaces: the new one first, then those that refer to it, the old one last', async () => {
    const { things, deploy } = fakeAccount();
    await deploy('S', { A: thing({ Name: 'old' }), B: thing({ Needs: ref('A') }) });
    await deploy('S', { A: thing({ Name: 'new' }), B: thing({ Needs: ref('A') }) });
    expect(things.calls.slice(2)).toEqual(['create A', 'update B', 'delete A-1']);
    expect(things.existing.get('B-2')).toEqual({ Needs: 'A-3' });
  });

  test('keeps the replaced one where UpdateReplacePolicy says so, and the removed one where DeletionPolicy does', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', {
      A: thing({ Name: 'old' }),
      B: thing({}, { DeletionPolicy: 'Retain' }),
      C: thing(),
    });
    await deploy('S', { A: thing({ Name: 'new' }, { UpdateReplacePolicy: 'Retain' }), C: thing() });
    expect([...things.existing.keys()].sort()).toEqual(['A-1', 'A-4', 'B-2', 'C-3']);
    expect(historyOf(aws, 'S')).toContain('B DELETE_SKIPPED');
  });

  test('deletes removed resources in the clean-up, dependents first; one that fails does not fail the stack', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing(), B: thing({ Needs: ref('A') }), C: thing() });
    things.failing.add('delete A-1');
    await deploy('S', { C: thing() });
    expect(things.calls.slice(3)).toEqual(['delete B-3', 'delete A-1']);
    expect(historyOf(aws, 'S').slice(-3)).toEqual(['A DELETE_IN_PROGRESS', 'A DELETE_FAILED', 'S UPDATE_COMPLETE']);
  });

  test('undoes an update in place that itself failed, with the properties of before', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { F: thing({ Value: 1 }) });
    things.failingOnce.add('update F');
    const before = aws.stacks.get(region, 'S').events.length;
    await expect(deploy('S', { F: thing({ Value: 2 }) })).rejects.toThrow('F: update F is told to fail');
    expect(things.calls).toEqual(['create F', 'update F', 'update F']);
    expect(things.existing.get('F-1')).toEqual({ Value: 1 });
    expect(historyOf(aws, 'S', before)).toEqual([
      'S UPDATE_IN_PROGRESS',
      'F UPDATE_IN_PROGRESS',
      'F UPDATE_FAILED',
      'S UPDATE_ROLLBACK_IN_PROGRESS',
      'F UPDATE_IN_PROGRESS',
      'F UPDATE_COMPLETE',
      'S UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'S UPDATE_ROLLBACK_COMPLETE',
    ]);
  });

  test('rolled back leaves the account as it was before', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing({ Value: 1 }), R: thing({ Name: 'old' }) }, { Outputs: { O: { Value: ref('R') } } });
    const before = new Map(things.existing);
    things.failing.add('create Bad');
    const failed = deploy('S', {
      A: thing({ Value: 2 }),
      R: thing({ Name: 'new' }),
      N: thing(),
      Bad: thing({}, { DependsOn: ['A', 'R', 'N'] }),
    });
    await expect(failed).rejects.toThrow('ended as UPDATE_ROLLBACK_COMPLETE: Bad: create Bad is told to fail');
    expect(things.existing).toEqual(before);
    expect(things.calls.slice(2)).toEqual([
      ...['update A', 'create R', 'create N', 'create Bad'],
      ...['update A', 'delete N-4', 'delete R-3'],
    ]);
    const stack = aws.stacks.get(region, 'S');
    expect(stack.resources.get('R')?.physicalId).toBe('R-2');
    expect(stack.outputs).toEqual([{ key: 'O', value: 'R-2' }]);
    // The template of before counts again: deploying it changes nothing.
    await deploy('S', { A: thing({ Value: 1 }), R: thing({ Name: 'old' }) }, { Outputs: { O: { Value: ref('R') } } });
    expect(things.calls.slice(2)).toHaveLength(7);
  });

  test('that cannot make a replacement leaves the old resource untouched', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing({ Name: 'old' }), M: thing() });
    things.failing.add('create A');
    const quiet = thing({}, { Metadata: { note: 1 } });
    await expect(deploy('S', { A: thing({ Name: 'new' }), M: quiet })).rejects.toThrow('UPDATE_ROLLBACK_COMPLETE');
    expect(things.calls).toEqual(['create A', 'create M', 'create A']);
    expect(aws.stacks.get(region, 'S').resources.get('A')).toMatchObject({
      physicalId: 'A-1',
      properties: { Name: 'old' },
      status: 'UPDATE_COMPLETE',
    });
    expect(aws.stacks.get(region, 'S').resources.get('M')).not.toHaveProperty('metadata');
  });

  test('whose rollback fails says so, and can be continued or can skip the resource', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing({ Value: 1 }) });
    things.failing.add('update A');
    await expect(deploy('S', { A: thing({ Value: 2 }) })).rejects.toThrow('ended as UPDATE_ROLLBACK_FAILED');
    const stack = aws.stacks.get(region, 'S');
    const continued = (skip: string[]) => {
      aws.stacks.rollBack(stack, { caller: aws.iam.administrator, continues: true, skip });
      return stack.running;
    };
    await continued([]);
    expect(stack.status).toBe('UPDATE_ROLLBACK_FAILED');
    await continued(['A']);
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('to another type under the same name is refused', async () => {
    const { deploy } = fakeAccount();
    await deploy('S', { A: thing() });
    await expect(deploy('S', { A: { Type: 'AWS::CDK::Metadata' } })).rejects.toThrow(
      'Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]',
    );
  });

  test('a change of the stack tags reaches the resources that take tags', async () => {
    const { aws, things } = fakeAccount();
    const template = { Resources: { A: thing(), M: { Type: 'AWS::CDK::Metadata' } } };
    await aws.stacks.deploy({ region, stackName: 'S', template, tags: { team: 'a' } });
    await aws.stacks.deploy({ region, stackName: 'S', template, tags: { team: 'b' } });
    expect(things.calls).toEqual(['create A', 'update A']);
  });
});

describe('a resource whose update answers with another physical id', () => {
  /** Each Value is a physical resource of its own, as in a custom resource that is renamed. */
  function renaming() {
    const fake = fakeAccount();
    const calls: string[] = [];
    const nameOf = ({ Value }: Properties) => `named-${Value}`;
    const provider: ResourceProvider = {
      type: 'Custom::',
      replaceOn: [],
      create: async (_context, properties) => {
        calls.push(`create ${nameOf(properties)}`);
        return { physicalId: nameOf(properties), attributes: {} };
      },
      update: async (_context, physicalId, properties) => {
        calls.push(`update ${physicalId} to ${nameOf(properties)}`);
        return { physicalId: nameOf(properties), attributes: {} };
      },
      delete: async (_context, physicalId) => {
        calls.push(`delete ${physicalId}`);
      },
    };
    fake.aws.stacks = new Stacks(fake.aws, [provider, fake.things.provider]);
    return { ...fake, calls };
  }
  const custom = (Value: string) => ({ Type: 'Custom::Named', Properties: { Value } });

  test('is replaced: the old one is deleted in the clean-up', async () => {
    const { calls, deploy } = renaming();
    await deploy('S', { A: custom('a') });
    await deploy('S', { A: custom('b') });
    expect(calls).toEqual(['create named-a', 'update named-a to named-b', 'delete named-a']);
  });

  test('is asked to go back when the update fails elsewhere, and the new one is deleted', async () => {
    const { aws, calls, things, deploy } = renaming();
    await deploy('S', { A: custom('a') });
    things.failing.add('create Bad');
    await expect(deploy('S', { A: custom('b'), Bad: thing({}, { DependsOn: 'A' }) })).rejects.toThrow(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect(calls.slice(1)).toEqual(['update named-a to named-b', 'update named-b to named-a', 'delete named-b']);
    expect(aws.stacks.get(region, 'S').resources.get('A')?.physicalId).toBe('named-a');
  });
});

test('a replacement that has the physical id of what it replaces is not deleted with it', async () => {
  const { aws, things } = fakeAccount();
  const create: ResourceProvider['create'] = async () => ({ physicalId: 'the-one', attributes: {} });
  aws.stacks = new Stacks(aws, [{ ...things.provider, create }]);
  const deploy = (Name: string) =>
    aws.stacks.deploy({ region, stackName: 'S', template: { Resources: { A: thing({ Name }) } } });
  await deploy('old');
  await deploy('new');
  expect(things.calls).toEqual([]);
});

describe('deleting a stack', () => {
  test('deletes dependents first, retains what is to be retained, and the name is free again', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing(), B: thing({ Needs: ref('A') }), K: thing({}, { DeletionPolicy: 'Retain' }) });
    await aws.stacks.destroy(region, 'S');
    expect(things.calls.filter((call) => call.startsWith('delete'))).toEqual(['delete B-3', 'delete A-1']);
    expect([...things.existing.keys()]).toEqual(['K-2']);
    expect(aws.stacks.find(region, 'S')).toBeUndefined();
    await deploy('S', { A: thing() });
  });

  test('that fails names the resource, leaves what it needs, and can be tried again', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing(), B: thing({ Needs: ref('A') }), C: thing() });
    things.failing.add('delete B-3');
    await expect(aws.stacks.destroy(region, 'S')).rejects.toThrow(
      'Stack S (eu-central-1) ended as DELETE_FAILED: B: delete B-3 is told to fail',
    );
    expect([...things.existing.keys()]).toEqual(['A-1', 'B-3']);
    expect(aws.stacks.get(region, 'S').statusReason).toBe('The following resource(s) failed to delete: [B].');
    things.failing.clear();
    await aws.stacks.destroy(region, 'S');
    expect(things.existing.size).toBe(0);
  });

  test('that failed can leave the resource behind', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('S', { A: thing() });
    things.failing.add('delete A-1');
    await expect(aws.stacks.destroy(region, 'S')).rejects.toThrow('DELETE_FAILED');
    const stack = aws.stacks.get(region, 'S');
    aws.stacks.deleteStack(stack, { caller: aws.iam.administrator, retain: ['A'] });
    await stack.running;
    expect(stack.status).toBe('DELETE_COMPLETE');
  });

  test('of what is not there succeeds', async () => {
    await expect(fakeAccount().aws.stacks.destroy(region, 'Nope')).resolves.toBeUndefined();
  });
});

describe('values that are secret', () => {
  const secretValue = 'sk-very-secret';
  const reference = '{{resolve:secretsmanager:mine:SecretString:apiKey}}';

  test('the value of a secret reaches the resource and nothing else', async () => {
    const { aws, things, deploy } = fakeAccount();
    aws.secrets.create(aws.iam.administrator, region, {
      name: 'mine',
      secretString: JSON.stringify({ apiKey: secretValue }),
    });
    await deploy('S', { A: thing({ Value: reference }) });
    expect(things.existing.get('A-1')).toEqual({ Value: secretValue });
    const stack = aws.stacks.get(region, 'S');
    expect(stack.resources.get('A')?.properties).toEqual({ Value: reference });
    expect(JSON.stringify(stack.events)).toContain(reference);
    expect(JSON.stringify(stack.events)).not.toContain(secretValue);
  });

  test('a secret that is not there fails the resource by name', async () => {
    const { deploy } = fakeAccount();
    await expect(deploy('S', { A: thing({ Value: reference }) })).rejects.toThrow(
      /A: .*can't find the specified secret/,
    );
  });

  test('a NoEcho parameter reaches the resource, and is masked in the events', async () => {
    const { aws, things } = fakeAccount();
    const template = {
      Parameters: { Key: { Type: 'String', NoEcho: true } },
      Resources: { A: thing({ Value: { 'Fn::Sub': 'x ${Key} y' } }) },
    };
    await aws.stacks.deploy({ region, stackName: 'S', template, parameters: { Key: secretValue } });
    expect(things.existing.get('A-1')).toEqual({ Value: `x ${secretValue} y` });
    const history = JSON.stringify(aws.stacks.get(region, 'S').events);
    expect(history).toContain('x **** y');
    expect(history).not.toContain(secretValue);
  });
});

describe('exports', () => {
  const exporting = (value: unknown) => ({ Outputs: { O: { Value: value, Export: { Name: 'shared' } } } });
  const importing = { B: thing({ Value: { 'Fn::ImportValue': 'shared' } }) };

  test('reach the stacks that import them', async () => {
    const { things, deploy, aws } = fakeAccount();
    await deploy('Producer', { A: thing() }, exporting(ref('A')));
    await deploy('Consumer', importing);
    expect(things.existing.get('B-2')).toEqual({ Value: 'A-1' });
    expect(aws.stacks.importersOf(region, 'shared')).toEqual(['Consumer']);
  });

  test('in use cannot be changed or removed, nor their stack deleted, until nobody uses them', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('Producer', { A: thing() }, exporting('one'));
    await deploy('Consumer', importing);
    await deploy('Second', importing);
    await expect(deploy('Producer', { A: thing() }, exporting('two'))).rejects.toThrow(
      'Export shared cannot be updated as it is in use by Consumer and Second',
    );
    await expect(deploy('Producer', { A: thing() })).rejects.toThrow(
      'Export shared cannot be deleted as it is in use by Consumer and Second',
    );
    await expect(aws.stacks.destroy(region, 'Producer')).rejects.toThrow(
      'Export shared cannot be deleted as it is in use by Consumer and Second',
    );
    const producer = aws.stacks.get(region, 'Producer');
    expect(producer.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(producer.outputs).toEqual([{ key: 'O', value: 'one', exportName: 'shared' }]);
    expect(things.existing.has('A-1')).toBe(true);
    await aws.stacks.destroy(region, 'Consumer');
    await aws.stacks.destroy(region, 'Second');
    await aws.stacks.destroy(region, 'Producer');
    expect(aws.stacks.exports(region)).toEqual([]);
  });

  test('that are missing, or taken, are refused', async () => {
    const { deploy } = fakeAccount();
    await expect(deploy('Consumer', importing)).rejects.toThrow('No export named shared found');
    await deploy('Producer', { A: thing() }, exporting('one'));
    await expect(deploy('Other', { A: thing() }, exporting('two'))).rejects.toThrow(
      'Export with name shared is already exported by stack Producer',
    );
  });

  test('a weak reference reads an output, and holds nothing back', async () => {
    const { aws, things, deploy } = fakeAccount();
    await deploy('Producer', { A: thing() }, { Outputs: { O: { Value: ref('A') } } });
    const weak = { B: thing({ Value: { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'O' } } }) };
    await deploy('Consumer', weak);
    expect(things.existing.get('B-2')).toEqual({ Value: 'A-1' });
    await aws.stacks.destroy(region, 'Producer');
    await expect(deploy('Third', weak)).rejects.toThrow('Stack with id Producer does not exist');
  });
});
