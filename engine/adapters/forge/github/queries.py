"""What is asked of GitHub's GraphQL interface, each question once.

One question reads all of a pull request that a decision needs. By REST that would take six requests for each of a
thousand open ones, which is more than an hour's allowance.
"""

from __future__ import annotations

_ACTOR = "__typename login ... on User { databaseId } ... on Bot { databaseId }"
_PERSON = "email user { databaseId }"

_PARTS = f"""
fragment Parts on PullRequest {{
  id number title body url state createdAt closedAt mergedAt baseRefName headRefName headRefOid isCrossRepository
  author {{ {_ACTOR} }}
  mergeCommit {{ oid }}
  labels(first: 50) {{ nodes {{ name }} }}
  reviewRequests(first: 50) {{
    nodes {{ requestedReviewer {{ __typename ... on User {{ databaseId }} ... on Team {{ combinedSlug }} }} }}
  }}
  reviews(last: 100) {{
    totalCount
    nodes {{
      state body submittedAt lastEditedAt includesCreatedEdit
      commit {{ oid }}
      author {{ {_ACTOR} }}
    }}
  }}
  rebased: timelineItems(last: 1, itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]) {{
    nodes {{
      __typename
      ... on BaseRefChangedEvent {{ createdAt }}
      ... on AutomaticBaseChangeSucceededEvent {{ createdAt }}
    }}
  }}
  comments(first: 100) {{ nodes {{ databaseId body viewerDidAuthor }} }}
  commits(last: 50) {{
    totalCount
    nodes {{
      commit {{
        oid
        signature {{ isValid wasSignedByGitHub }}
        author {{ {_PERSON} }}
        committer {{ {_PERSON} }}
        authors(first: 20) {{ nodes {{ {_PERSON} }} }}
      }}
    }}
  }}
  last: commits(last: 1) {{
    nodes {{
      commit {{
        oid
        status {{ context(name: "penstock/gate") {{
          state description targetUrl createdAt creator {{ {_ACTOR} }}
        }} }}
        checkSuites(last: 10, filterBy: {{checkName: "penstock/gate"}}) {{
          nodes {{
            app {{ databaseId }}
            checkRuns(last: 5, filterBy: {{checkName: "penstock/gate"}}) {{
              nodes {{ status conclusion title text externalId startedAt }}
            }}
          }}
        }}
      }}
    }}
  }}
}}
"""

ONE = f"""query One($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name, followRenames: false) {{ pullRequest(number: $number) {{ ...Parts }} }}
}}{_PARTS}"""

SEVERAL = f"""query Several($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename ...Parts }} }}{_PARTS}"""

VIEWER = "query Viewer { viewer { databaseId login } }"

REPOSITORY = """query Repository($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name, followRenames: false) { id }
}"""

COMMIT = f"""query Commit($owner: String!, $name: String!, $oid: GitObjectID!) {{
  repository(owner: $owner, name: $name, followRenames: false) {{
    object(oid: $oid) {{
      __typename
      ... on Commit {{
        oid signature {{ isValid wasSignedByGitHub }} author {{ {_PERSON} }} committer {{ {_PERSON} }}
        authors(first: 20) {{ nodes {{ {_PERSON} }} }}
      }}
    }}
  }}
}}"""

TEAMS = """query Teams($org: String!, $logins: [String!]!) {
  organization(login: $org) { teams(first: 100, userLogins: $logins) { nodes { combinedSlug } } }
}"""

MAKE_COMMIT = """mutation MakeCommit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}"""

MOVE = "mutation Move($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"

AUTO_MERGE = """mutation AutoMerge($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}"""
