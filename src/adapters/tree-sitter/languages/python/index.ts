import type { LanguageExtractor } from '../../language-extractor.js';

export const pythonExtractors: readonly LanguageExtractor[] = [];
