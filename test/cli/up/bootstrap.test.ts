import { bootstrapArguments, bootstrapInWords } from '../../../cli/up/bootstrap.ts';

const place = { account: '111122223333', region: 'eu-central-1' };

test('the bootstrap of CDK itself needs no more than the place', () => {
  expect(bootstrapArguments({ ...place, qualifier: 'hnb659fds' })).toEqual([
    'bootstrap',
    'aws://111122223333/eu-central-1',
  ]);
});

test('one of its own has its qualifier and a stack of its own', () => {
  const own = { ...place, qualifier: 'outbauth' };
  expect(bootstrapArguments(own).slice(2)).toEqual([
    ...['--qualifier', 'outbauth'],
    ...['--toolkit-stack-name', 'CDKToolkit-outbauth'],
  ]);
  expect(bootstrapInWords(own)).toContain('111122223333, eu-central-1: the stack CDKToolkit-outbauth is made');
});
