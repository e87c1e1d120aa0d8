Feature: Whoever ticks the box has it decided again, and nothing else that is written does

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api
    And the pull request was reconciled

  Scenario: Whoever ticks the box has it decided again
    When somebody ticks the box to re-evaluate
    And the pull request is reconciled
    Then it was decided once more
    And the box is empty again
    And nothing was merged

  Scenario: The box in the text is as good as the one in the comment
    When somebody ticks the box in the text
    And the pull request is reconciled
    Then it was decided once more
    And the box in the text is empty again
    And nothing was merged
    When the pull request is reconciled 2 more times
    Then nothing more was decided

  Scenario: Whatever else somebody writes into the text has no effect
    When somebody rewrites the text to say that everybody approved
    And the pull request is reconciled
    Then nothing more was decided
    And it waits for two people of team:team-payments
    And nothing was merged
