import { Aspects, RemovalPolicy } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Lets the logs below a construct outlive their stack: they say who changed what. */
export function keepLogGroups(scope: Construct): void {
  Aspects.of(scope).add({
    visit(node) {
      if (node instanceof CfnLogGroup) node.applyRemovalPolicy(RemovalPolicy.RETAIN);
    },
  });
}

/**
 * Reserves one execution for the handler of a custom resource: no more, so that a deployment and a refresh never write one
 * provider at the same time, and no less, so that a busy account cannot keep it from running. Lambda holds the event that
 * came second and gives it again, well before CloudFormation gives up.
 *
 * @param resource the construct with the child `Handler`
 */
export function runOneAtATime(resource: Construct): void {
  const handler = resource.node.findChild('Handler').node.defaultChild as CfnFunction;
  handler.reservedConcurrentExecutions = 1;
}
