"""Starts a run by the published contract, and waits for its end: python start_run.py <url> <owner/name> <id> [branch]. Needs the package temporalio."""
import asyncio
import sys

from temporalio.client import Client


async def main(url: str, name: str, repo_id: str, branch: str = "main") -> None:
    client = await Client.connect("localhost:7233")
    result = await client.execute_workflow(
        "RepoIndexingWorkflow",
        {"installation_id": None, "github_repo_name": name, "repo_id": repo_id, "default_branch": branch, "repo_url": url},
        id=f"repo-index-{repo_id}-{branch}",
        task_queue="repo-indexing-queue",
    )
    print(result["commit_sha"], result["stats"])


asyncio.run(main(*sys.argv[1:]))
