import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type Incident, type Incidents } from '../kernel/index.js';
import { Circuit, type IncidentCounts } from './circuit.js';

/** Told that a module has done too much of something, and why. */
export type OnTripped = (incident: Incident, reason: string) => void;

interface Trial {
  readonly generation: number;
  readonly onIncident: (incident: Incident) => void;
}

const NONE: IncidentCounts = { crashes: 0, timeouts: 0, errors: 0 };

/** Counts incidents against modules on this host, and says when there are too many. */
@Injectable()
export class ModuleIncidents implements Incidents {
  readonly #circuits = new Map<string, Circuit>();
  readonly #trials = new Map<string, Trial>();
  #onTripped: OnTripped = () => undefined;

  constructor(@Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'quarantine'>) {}

  get countsErrors(): boolean {
    return this.config.quarantine.errorPercent > 0;
  }

  /** Who takes modules out; there is one. */
  onTripped(listener: OnTripped): void {
    this.#onTripped = listener;
  }

  report(incident: Incident): void {
    const trial = this.#trials.get(incident.module);
    if (trial?.generation === incident.generation) return trial.onIncident(incident);
    const circuit = this.#circuits.get(incident.module) ?? new Circuit(this.config.quarantine);
    this.#circuits.set(incident.module, circuit);
    const reason = circuit.report(incident, incident.requests ?? 0);
    if (reason !== undefined) this.#onTripped(incident, reason);
  }

  /**
   * What this generation does is not held against the module: it does not serve as yet.
   * @returns what ends that
   */
  setApart(module: string, generation: number, onIncident: (incident: Incident) => void): () => void {
    const trial = { generation, onIncident };
    this.#trials.set(module, trial);
    return () => {
      if (this.#trials.get(module) === trial) this.#trials.delete(module);
    };
  }

  /** Within the window that ends now. */
  countsOf(module: string): IncidentCounts {
    return this.#circuits.get(module)?.counts() ?? NONE;
  }

  /** Begins anew: what the module did before counts no more. */
  forget(module: string): void {
    this.#circuits.delete(module);
  }
}
