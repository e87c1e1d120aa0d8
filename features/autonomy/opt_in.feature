Feature: A namespace opts in, and automation is kept from what is excluded

  Background:
    Given payments-api crash-loops in production after a release

  @rule:autonomy/opt_in
  Scenario: Without opting in a person wants each fix
    Given payments hasn't opted in to anything going alone
    When the agent proposes to restart payments-api
    Then it waits for one person of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  @rule:autonomy/excluded
  Scenario Outline: What is excluded is excluded
    Given <what> is kept from automation
    When the agent proposes to restart payments-api
    Then it is refused: "<why>"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | what         | why                                                  |
      | restarting   | restart_workload is kept from automation             |
      | the agent    | agent:triage is excluded from proposing              |
      | a crash loop | incidents of class crash-loop are kept from automation |

  Scenario: People aren't held by it
    Given restarting is kept from automation
    When alice proposes to restart ledger-worker
    Then it merged alone, and the owner was told of the fix
