/** The one instance that class-transformer's decorators write to; typed, but not exported from its entry. */
declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: object;
}
