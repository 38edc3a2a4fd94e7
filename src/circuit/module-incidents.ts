import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type Incident, type Incidents } from '../kernel/index.js';
import { Circuit, type IncidentCounts } from './circuit.js';

/** Told that a module has done too much of something, and why. */
export type OnTripped = (incident: Incident, reason: string) => void;

const NONE: IncidentCounts = { crashes: 0, timeouts: 0, errors: 0 };

/** Counts incidents against modules on this host, and says when there are too many. */
@Injectable()
export class ModuleIncidents implements Incidents {
  readonly #circuits = new Map<string, Circuit>();
  /** By the id of a generation. */
  readonly #apart = new Map<string, (incident: Incident) => void>();
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
    const onIncident = this.#apart.get(idOf(incident));
    if (onIncident) return onIncident(incident);
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
    const id = idOf({ module, generation });
    this.#apart.set(id, onIncident);
    return () => void this.#apart.delete(id);
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

const idOf = ({ module, generation }: Pick<Incident, 'module' | 'generation'>): string => `${module}@${generation}`;
