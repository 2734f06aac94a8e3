import { Aspects, CfnResource } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * Sets the path of every role below a construct, those that CDK makes by itself included.
 *
 * @param path begins and ends with a slash
 */
export function setRolePath(scope: Construct, path: string): void {
  Aspects.of(scope).add({
    visit(node) {
      // By type and not by class: CDK writes some of its own roles without the class.
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === CfnRole.CFN_RESOURCE_TYPE_NAME) {
        node.addPropertyOverride('Path', path);
      }
    },
  });
}
