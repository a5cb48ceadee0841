import type { LanguageExtractor } from '../language-extractor.js';
import { ecmascriptExtractors } from './ecmascript/index.js';
import { pythonExtractors } from './python/index.js';

/** Every language of this adapter. A new one is a folder beside this file and a line here. */
export const extractors: readonly LanguageExtractor[] = [...ecmascriptExtractors, ...pythonExtractors];
