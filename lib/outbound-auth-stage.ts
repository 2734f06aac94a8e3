import { CrossStackReferences, ReferenceStrength, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentStack } from './agent-stack.ts';
import type { Environment } from './environments.ts';
import { IdentityStack } from './identity-stack.ts';

/** One environment: what lives long (the credential provider) and what is new with every release (the agent). */
export class OutboundAuthStage extends Stage {
  constructor(scope: Construct, environment: Environment) {
    const { account, region } = environment;
    super(scope, environment.name, { env: { ...(account && { account }), ...(region && { region }) } });
    // An export cannot change while another stack imports it: the secret of an environment could never be exchanged.
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const { credentialProvider } = new IdentityStack(this, 'identity', environment);
    new AgentStack(this, 'agent', { environment, credentialProvider });
  }
}
