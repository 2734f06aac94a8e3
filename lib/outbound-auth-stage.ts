import {
  BOOTSTRAP_QUALIFIER_CONTEXT,
  CrossStackReferences,
  PermissionsBoundary,
  ReferenceStrength,
  Stage,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentStack } from './agent-stack.ts';
import type { Environment } from './environments/index.ts';
import { IdentityStack } from './identity-stack.ts';
import { encryptLogGroups } from './safeguards/log-encryption.ts';
import { setLogRetention } from './safeguards/log-retention.ts';
import { keepLogGroups } from './safeguards/production.ts';
import { setRolePath } from './safeguards/role-path.ts';
import { tagEverything } from './safeguards/tags.ts';
import { acceptFindings } from './security-checks/accepted-findings.ts';

/** One environment: what lives long (the credential provider) and what is new with every release (the agent). */
export class OutboundAuthStage extends Stage {
  constructor(scope: Construct, environment: Environment) {
    const { account, region, bootstrapQualifier, permissionsBoundary, rolePath, logEncryptionKeyArn } = environment;
    super(scope, environment.name, {
      env: { ...(account && { account }), ...(region && { region }) },
      ...(permissionsBoundary && { permissionsBoundary: boundary(permissionsBoundary) }),
    });
    // The synthesizers of the stacks look for it, here before in the app.
    if (bootstrapQualifier) this.node.setContext(BOOTSTRAP_QUALIFIER_CONTEXT, bootstrapQualifier);
    // An export cannot change while another stack imports it: the secret of an environment could never be exchanged.
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const identity = new IdentityStack(this, 'identity', environment);
    const { credentials } = identity;
    const agent = new AgentStack(this, 'agent', { environment, credentials });
    tagEverything(this, environment.tags);
    if (rolePath) setRolePath(this, rolePath);
    setLogRetention(this, environment.logRetentionDays);
    if (logEncryptionKeyArn) encryptLogGroups(this, logEncryptionKeyArn);
    if (environment.production) keepLogGroups(this);
    acceptFindings({ environment, identity, agent });
  }
}

function boundary(nameOrArn: string): PermissionsBoundary {
  return nameOrArn.startsWith('arn:')
    ? PermissionsBoundary.fromArn(nameOrArn)
    : PermissionsBoundary.fromName(nameOrArn);
}
