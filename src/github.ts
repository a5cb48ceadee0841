/** Code hosts: what GitHub, GitLab and Gitea know of repositories, and credentials for cloning them. */
export { createGitea, createGitHub, createGitLab, type WithClock } from './infrastructure/create-code-hosts.js';
export type { GiteaOptions } from './adapters/code-hosts/gitea.js';
export type { GitHub, GitHubOptions } from './adapters/code-hosts/github.js';
export type { GitHubApp } from './adapters/code-hosts/github-app.js';
export type { GitLabOptions } from './adapters/code-hosts/gitlab.js';
export type { HttpApiOptions } from './adapters/code-hosts/http-api.js';
