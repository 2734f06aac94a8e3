import { CrossStackReferences, PermissionsBoundary, ReferenceStrength, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentStack } from './agent-stack.ts';
import type { Environment } from './environments/index.ts';
import { IdentityStack } from './identity-stack.ts';
import { encryptLogGroups } from './safeguards/log-encryption.ts';
import { keepLogGroups } from './safeguards/production.ts';
import { setRolePath } from './safeguards/role-path.ts';
import { acceptFindings } from './security-checks/accepted-findings.ts';

/** One environment: what lives long (the credential provider) and what is new with every release (the agent). */
export class OutboundAuthStage extends Stage {
  constructor(scope: Construct, environment: Environment) {
    const { account, region, permissionsBoundary, rolePath, logEncryptionKeyArn } = environment;
    super(scope, environment.name, {
      env: { ...(account && { account }), ...(region && { region }) },
      ...(permissionsBoundary && { permissionsBoundary: boundary(permissionsBoundary) }),
    });
    // An export cannot change while another stack imports it: the secret of an environment could never be exchanged.
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const identity = new IdentityStack(this, 'identity', environment);
    const { credentials } = identity;
    const agent = new AgentStack(this, 'agent', { environment, credentials });
    if (rolePath) setRolePath(this, rolePath);
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
