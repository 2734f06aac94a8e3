import { App } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { readEnvironments } from '../../lib/environments.ts';
import { OutboundAuthStage } from '../../lib/outbound-auth-stage.ts';

// The app as it is shipped, without the two rule sets of cdk-nag: what they cost is the difference.
const app = new App({ context: recommendedFlags });
for (const environment of readEnvironments(app.node.tryGetContext('environments'))) {
  new OutboundAuthStage(app, environment);
}
