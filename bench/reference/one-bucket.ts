import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

// What `cdk init` makes, with the feature flags that it sets, and one bucket.
new Bucket(new Stack(new App({ context: recommendedFlags }), 'one-bucket'), 'Bucket');
