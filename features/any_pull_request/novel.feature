Feature: What fits no kind of action is for senior people, or for nobody

  Background:
    Given payments-api crash-loops in production after a release
    And every pull request is gated
    And it is next Tuesday 09:00 in UTC

  Scenario: A command that no action sets
    When alice opens a pull request that adds a command to ledger-worker
    And her pull request is reconciled
    Then it is read as edit by hand of Deployment payments/ledger-worker
    And the check is pending: "tier 3, advanced"
    And somebody of team:team-platform is missing
    And nothing was merged

  Scenario: A known change can't carry a novel one through
    When alice opens a pull request that gives ledger-worker 4 replicas
    And it also adds a command to ledger-worker
    And her pull request is reconciled
    Then it is read as edit by hand of Deployment payments/ledger-worker
    And the check is pending: "tier 3, advanced"

  Scenario: Files that nothing applies
    When alice opens a pull request that rewrites who owns the code
    And her pull request is reconciled
    Then it is read as edit by hand of Repository files
    And somebody of team:team-platform is missing
    And nothing was merged

  Scenario: Somebody whom policy doesn't know as a person
    When mallory opens a pull request that adds a command to ledger-worker
    And her pull request is reconciled
    Then the check is a failure: "action/kind_for_proposer"
    And nothing was merged

  Scenario: What can't be rendered
    When alice opens a pull request that breaks the manifests of payments
    And her pull request is reconciled
    Then the check is a failure: ""
    And the comment says "couldn't decide"
    And nothing was merged

  Scenario: Only a remark
    When alice opens a pull request that adds a remark to ledger-worker
    And her pull request is reconciled
    Then the check is a success: "Nothing that is applied changes"
    And nothing was merged
