/** Seconds until CloudFormation gives up waiting for a Lambda that died without an answer: time for two whole runs. */
export const serviceTimeout = 600;

/** Seconds that one run has. */
export const functionTimeout = 180;
