import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { OutboundAuthApp } from '../../lib/outbound-auth-app.ts';

// The app as it is shipped, but for a role that may read every secret: what tests give to `cdk --app`.
const app = new OutboundAuthApp({ context: { '@aws-cdk/core:appMode': 'process' } });
const role = app.node.findAll().find((construct) => construct instanceof Role);
role?.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: ['*'] }));
