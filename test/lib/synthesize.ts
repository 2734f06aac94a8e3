import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IConstruct } from 'constructs';
import { OutboundAuthApp } from '../../lib/outbound-auth-app.ts';

/** The app with one environment, before the synth. */
export function appWith(settings: Record<string, unknown> = {}, name = 'dev') {
  const app = new OutboundAuthApp({
    context: {
      environments: { [name]: { secret: 'team/openai', ...settings } },
      // What the checks find is thrown, not printed.
      '@aws-cdk/core:appMode': 'inmemory',
    },
  });
  const stacks = app.node.findAll().filter((construct: IConstruct) => Stack.isStack(construct)) as Stack[];
  const stack = (id: 'identity' | 'agent') => stacks.find((each) => each.node.id === id) as Stack;
  return { app, stacks, identity: stack('identity'), agent: stack('agent') };
}

/** Its templates. */
export function synthesize(settings: Record<string, unknown> = {}, name = 'dev') {
  const { app, stacks, identity, agent } = appWith(settings, name);
  return {
    app,
    identity: Template.fromStack(identity),
    agent: Template.fromStack(agent),
    names: stacks.map(({ stackName }) => stackName),
  };
}
