/** The values of a module's settings, by field. */
export type ModuleSettings = Readonly<Record<string, unknown>>;

/**
 * Told of new settings while the module runs: `context.settings` has them already.
 * @param changed the fields whose values are new
 */
export type SettingsListener = (settings: ModuleSettings, changed: readonly string[]) => unknown;

/** A provider or controller of a Nest entry that is told of new settings, once the module has started. */
export interface OnSettingsChanged {
  onSettingsChanged: SettingsListener;
}
