/** Preloaded into a host: makes the host itself fail on SIGUSR2, as no module's fault. */
import process from 'node:process';

process.on('SIGUSR2', () => {
  throw new Error('a flaw of the host');
});
