import { Lazy } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { OutboundAuthApp } from '../../lib/outbound-auth-app.ts';

// The app as it is shipped, with the statement of one Sid taken out of every policy: what tests give to `cdk --app`.
const [sid] = process.argv.slice(2);
for (const policy of new OutboundAuthApp().node.findAll().filter((construct) => construct instanceof CfnPolicy)) {
  const { policyDocument } = policy;
  policy.policyDocument = Lazy.uncachedAny({
    produce: (context) => {
      const document = context.resolve(policyDocument) as { Statement: { Sid: string }[] };
      return { ...document, Statement: document.Statement.filter((each) => each.Sid !== sid) };
    },
  });
}
