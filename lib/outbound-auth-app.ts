import { App, type AppProps } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { readEnvironments } from './environments/index.ts';
import { OutboundAuthStage } from './outbound-auth-stage.ts';
import { addSecurityChecks } from './security-checks/security-checks.ts';

/** The CDK app: a stage for each environment of the context `environments`, which cdk.json holds. */
export class OutboundAuthApp extends App {
  /** @throws SettingsError with one line for each setting that is wrong */
  constructor(props: AppProps = {}) {
    super({
      ...props,
      context: {
        // aws-cdk-lib is pinned, so its recommended feature flags cannot change unseen.
        ...recommendedFlags,
        // They hold the checkout's path: two checkouts would give different bytes.
        'aws:cdk:disable-creation-stack-traces': true,
        ...props.context,
      },
      // The command reports findings of the stacks that it was asked for only, and `cdk synth` asks for none in a stage.
      postCliContext: { ...props.postCliContext, '@aws-cdk/core:failSynthOnValidationErrors': true },
    });
    addSecurityChecks(this);
    for (const environment of readEnvironments(this.node.tryGetContext('environments'))) {
      new OutboundAuthStage(this, environment);
    }
  }
}
