/** The answer to `GET /ping`, as AgentCore Runtime reads it. */
export interface PingResponse {
  readonly status: 'Healthy' | 'HealthyBusy';
  /** When the status last changed, in seconds since 1970. */
  readonly time_of_last_update: number;
}

/** Counts the invocations that run, and remembers when idle became busy and busy idle. */
export class Health {
  #running = 0;
  #changedAt = now();

  begin(): void {
    if (this.#running++ === 0) this.#changedAt = now();
  }

  end(): void {
    if (--this.#running === 0) this.#changedAt = now();
  }

  /** The time moves only when the status does: AgentCore would otherwise never see the session as idle. */
  ping(): PingResponse {
    return { status: this.#running > 0 ? 'HealthyBusy' : 'Healthy', time_of_last_update: this.#changedAt };
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
