import { Health } from '../../agent/src/health.ts';

describe('the health of the agent', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => jest.useRealTimers());

  test('is HealthyBusy from the first invocation to the end of the last, and its time moves only then', () => {
    const health = new Health();
    const at = (seconds: number, change?: 'begin' | 'end') => {
      jest.advanceTimersByTime(seconds * 1000);
      if (change) health[change]();
      return health.ping();
    };
    expect(at(0)).toEqual({ status: 'Healthy', time_of_last_update: 1000 });
    expect(at(10)).toEqual({ status: 'Healthy', time_of_last_update: 1000 });
    expect(at(10, 'begin')).toEqual({ status: 'HealthyBusy', time_of_last_update: 1020 });
    expect(at(10, 'begin')).toEqual({ status: 'HealthyBusy', time_of_last_update: 1020 });
    expect(at(10, 'end')).toEqual({ status: 'HealthyBusy', time_of_last_update: 1020 });
    expect(at(10, 'end')).toEqual({ status: 'Healthy', time_of_last_update: 1050 });
    expect(at(10)).toEqual({ status: 'Healthy', time_of_last_update: 1050 });
  });
});
