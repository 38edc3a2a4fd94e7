import { type OpenAPIObject } from '@nestjs/swagger';
import { type Manifest } from '../../manifest/index.js';
import { type DockedTree } from '../nest/docked-tree.js';
import { type NestInternals } from '../nest-internals.js';
import { type PluginRoute } from '../plugin/docked-plugin.js';

export interface DocumentedModule {
  readonly manifest: Manifest;
  readonly tree: DockedTree | undefined;
  readonly plugin: readonly PluginRoute[];
  readonly nest: NestInternals;
}

export function apiDocumentOf(_module: DocumentedModule): () => OpenAPIObject {
  return () => ({ openapi: '3.0.0', info: { title: '', version: '' }, paths: {} });
}
