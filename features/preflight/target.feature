Feature: The target is there, is Git's, and is somebody's

  Background:
    Given payments-api crash-loops in production after a release

  @rule:target/exists
  Scenario: A target that somebody made up
    When the agent proposes to restart payments-ghost
    Then it is refused: "there is no Deployment payments/payments-ghost"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:target/managed_by_git @rule:target/source_found @rule:change/verified
  Scenario: Something that was made by hand
    Given somebody made the hotfix job by hand in the cluster
    When alice proposes to restart the hotfix job
    Then it is refused: "is not managed by Git"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:target/owner_known
  Scenario: Nobody is there to be asked
    Given nobody is named as the owner of ledger-worker in payments
    When alice proposes to restart ledger-worker
    Then it is refused: "has no owner"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:target/environment_known
  Scenario: Nobody said what is at stake
    Given nobody said which environment the namespace payments is
    When the agent proposes to restart payments-api
    Then it is refused: "the environment of payments/payments-api is unknown"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:target/protected
  Scenario: What holds up everything else
    When alice proposes to restart the cluster's name service
    Then it is refused: "it is protected by cluster-itself"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:target/do_not_touch
  Scenario: What the runbook says to leave alone
    When the agent proposes to delete the volume of payments-db
    Then it is refused: "says not to touch PersistentVolumeClaim"
    And nothing was opened, merged or spent, and nobody was told of a fix
