Feature: Moderate and advanced changes of production keep to its windows

  @rule:change_window/window
  Scenario Outline: Outside the window a person's change waits for another day
    Given it is <time> in UTC
    When alice proposes to scale ledger-worker to 4
    Then it is refused: "no change window of production is open"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | time                |
      | Saturday 10:00      |
      | next Tuesday 07:59  |
      | next Tuesday 15:00  |
      | next Friday 11:30   |

  Scenario Outline: Inside the window it waits for people and nothing else
    Given it is <time> in UTC
    When alice proposes to scale ledger-worker to 4
    Then it waits for two people of team:team-payments
    And nothing was merged

    Examples:
      | time                |
      | next Tuesday 08:00  |
      | next Tuesday 14:55  |
      | next Friday 10:30   |

  Scenario: The answer to a critical incident needs no window
    Given payments-api crash-loops in production after a release
    When the agent proposes to roll back payments-api
    Then it waits for two people of team:team-payments
    And nothing was merged

  Scenario: Staging has no windows to keep to
    When alice proposes to give ledger-worker 640Mi of memory in staging
    Then it waits for one person of team:team-payments
    And nothing was merged
