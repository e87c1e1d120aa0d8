Feature: Clocks are known, and a rollout is left to finish

  Background:
    Given payments-api crash-loops in production after a release

  @rule:calendar/zone_known
  Scenario: A window in a zone whose clock nobody shows
    Given a change window names a zone that the calendar doesn't have
    When the agent proposes to restart payments-api
    Then it is refused: "the clock of Mars/Olympus is missing"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:calendar/deploy_in_progress @rule:evidence/preflight
  Scenario: Automation doesn't restart what is being rolled out
    Given ledger-worker crash-loops as well
    And a rollout of ledger-worker is going on
    When the agent proposes to restart ledger-worker
    Then it is refused: "a deploy of ledger-worker is in progress"
    And nothing was opened, merged or spent, and nobody was told of a fix
