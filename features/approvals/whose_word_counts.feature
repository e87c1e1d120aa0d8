Feature: Whose approval counts

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  Scenario: Not the proposer's own
    When the agent approves it itself
    Then it waits for two people of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  Scenario: Not the same person's twice
    When alice approves it
    And alice approves it again
    Then it waits for one person of team:team-payments
    And nothing was merged

  Scenario: Not that of another team
    When carol approves it
    Then it waits for two people of team:team-payments
    And nothing was merged

  Scenario: Not that of somebody nobody knows
    When mallory approves it
    Then it waits for two people of team:team-payments
    And nothing was merged

  Scenario Outline: Not that of a machine, whatever name it carries
    When alice, known to the forge as <what>, approves it
    Then it waits for two people of team:team-payments
    And nothing was merged

    Examples:
      | what     |
      | a bot    |
      | an agent |

  Scenario: Not one that was given for another state of the branch
    When alice's approval is for an earlier state of the branch
    Then it waits for two people of team:team-payments
    And nothing was merged
