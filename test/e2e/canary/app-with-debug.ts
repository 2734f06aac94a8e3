import { CfnResource } from 'aws-cdk-lib';
import { OutboundAuthApp } from '../../../lib/outbound-auth-app.ts';

// The app as it is shipped, with everything turned on that a person turns on who looks for a fault: what the canary
// gives to `cdk --app`. NODE_DEBUG covers every module of Node.js, and the agent refuses it; the rest are switches of the
// libraries.
const debug = { DEBUG: '*', OPENAI_LOG: 'debug', LOG_LEVEL: 'debug' };

for (const resource of new OutboundAuthApp().node.findAll().filter((each) => each instanceof CfnResource)) {
  if (resource.cfnResourceType === 'AWS::Lambda::Function') {
    resource.addPropertyOverride('Environment.Variables', { ...debug, NODE_DEBUG: '*' });
    resource.addPropertyOverride('LoggingConfig.LogFormat', 'JSON');
    resource.addPropertyOverride('LoggingConfig.ApplicationLogLevel', 'TRACE');
  }
  if (resource.cfnResourceType === 'AWS::BedrockAgentCore::Runtime') {
    for (const [name, value] of Object.entries(debug)) {
      resource.addPropertyOverride(`EnvironmentVariables.${name}`, value);
    }
  }
}
