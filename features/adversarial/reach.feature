Feature: Nobody widens their own reach

  Background:
    Given payments-api crash-loops in production after a release

  @rule:action/kind_for_proposer
  Scenario Outline: Automation proposes no more reach for anybody
    When <who> proposes to let platform reach port 5432 through the network policy of payments-db
    Then it is refused: "may not propose change_network_policy"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | who          |
      | the agent    |
      | the analyst  |
      | the pipeline |

  @rule:target/exists
  Scenario: A target that was made up
    When the agent proposes to roll back payments-ghost
    Then it is refused: "there is no Deployment payments/payments-ghost"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:evidence/cited_exists
  Scenario: Evidence that was made up
    When the agent proposes to roll back payments-api, citing evidence that nobody gathered
    Then it is refused: "cited pieces of evidence don't exist"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:target/protected
  Scenario: What runs the cluster
    When the agent proposes to restart the cluster's name service
    Then it is refused: "it is protected by"
    And nothing was opened, merged or spent, and nobody was told of a fix
